from firth import SentenceTransformer, SimilarityFunction

model = SentenceTransformer(
    "all-MiniLM-L6-v2",
    prompts={"classification": "Classify the following text: ", "clustering": "Group: "},
    similarity_fn_name=SimilarityFunction.DOT_PRODUCT,
    truncate_dim=12,
)
print(model.similarity_fn_name, sorted(model.prompts), model.get_sentence_embedding_dimension())
query_embeddings = model.encode_query(["where is the bank?"])
document_embeddings = model.encode_document(["the bank is closed", "a cat sat on the mat"])
print(f"{model.similarity(query_embeddings, document_embeddings)[0][1].item():.3f}")
labelled = model.encode("a cat", prompt_name="classification")
same = model.encode("a cat", prompt="Classify the following text: ", normalize_embeddings=True)
print(labelled.shape, f"{float(same @ same):.3f}", model.encode(["a", "b"], precision="binary").shape)
model.similarity_fn_name = "manhattan"
print(f"{model.similarity_pairwise(query_embeddings, document_embeddings[:1])[0]:.2f}")
with model.truncate_embeddings(4):
    print(model.encode("a cat").shape)
tokens = model.encode(["a cat sat", "x"], output_value="token_embeddings")
print([tuple(each.shape) for each in tokens])
