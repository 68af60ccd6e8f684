// The inside of a model: `firth embed` with --tokens, --layers or --attention.
//
//   --tokens                JSON lines: {"id", "tokens", "offsets", "vectors"}, a vector a token
//   --layers, --attention   a safetensors file: tensor I.L (tokens, hidden_size) and tensor
//                           I.attention.L (heads, tokens, tokens) for text I, its number from 0
#include <algorithm>
#include <charconv>
#include <numeric>

#include "cli/embed_args.h"
#include "cli/embed_report.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/usage_error.h"
#include "firth/core/error.h"
#include "firth/io/atomic_file.h"
#include "firth/io/json_writer.h"
#include "firth/io/safetensors_writer.h"
#include "firth/io/vector_file.h"

namespace firth::cli {
namespace {

// Every layer of every token is held for one block only.
constexpr std::size_t kTokenBlockRecords = 64;
constexpr std::size_t kTokenBlockBytes = 1 << 16;

int parse_layer(std::string_view text) {
  int layer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), layer);
  if (error != std::errc() || end != text.data() + text.size()) {
    usage_error("--layers: expected all or whole numbers with commas between, found ",
                quoted(text));
  }
  return layer;
}

// Layers as they are numbered from 0, so that the names of tensors do not depend on how a layer was
// asked for.
std::vector<int> parse_layers(std::string_view list, std::size_t num_layers) {
  const int count = static_cast<int>(num_layers);
  std::vector<int> layers;
  if (list == "all") {
    layers.resize(num_layers);
    std::iota(layers.begin(), layers.end(), 0);
    return layers;
  }
  while (true) {
    const std::size_t comma = list.find(',');
    const int layer = parse_layer(list.substr(0, comma));
    if (layer < -count || layer >= count) {
      usage_error("--layers: expected a layer from ", -count, " to ", count - 1, ", found ", layer);
    }
    layers.push_back(layer < 0 ? layer + count : layer);
    if (comma == std::string_view::npos) return layers;
    list.remove_prefix(comma + 1);
  }
}

bool writes_safetensors(const EmbedArgs& args) {
  return !args.layers.empty() || !args.attention.empty();
}

// The options given that are about the one vector of a text.
std::string options_of_one_vector(const EmbedArgs& args) {
  const EmbedArgs untouched;
  const VectorArgs& vector = args.vector;
  std::string found;
  const auto note = [&](bool given, std::string_view option) {
    if (given) found.append(found.empty() ? "" : ", ").append(option);
  };
  note(!args.model.pooling.empty(), "--pooling");
  note(vector.dim != untouched.vector.dim, "--dim");
  note(vector.normalize == true, "--normalize");
  note(vector.normalize == false, "--no-normalize");
  note(vector.long_policy.starts_with("chunk"), "--long " + vector.long_policy);
  note(vector.chunk_overlap != untouched.vector.chunk_overlap, "--chunk-overlap");
  note(!vector.layer_mix.empty(), "--layer-mix");
  note(args.dtype != untouched.dtype, "--dtype");
  note(args.resume, "--resume");
  return found;
}

VectorFormat format_of(const EmbedArgs& args) {
  if (args.format == "word2vec") return VectorFormat::kWord2VecText;
  return args.format == "auto" ? vector_format_of(args.output) : parse_vector_format(args.format);
}

void check_form(const EmbedArgs& args) {
  const VectorFormat format = format_of(args);
  const std::string found = args.format == "auto" ? quoted(args.output) : "--format " + args.format;
  if (writes_safetensors(args) && (args.output.empty() || format != VectorFormat::kSafetensors)) {
    usage_error("--layers, --attention: expected an output file -o OUT.safetensors, found ",
                args.output.empty() ? "none" : found);
  }
  const bool is_lines = format == VectorFormat::kAuto || format == VectorFormat::kJsonl ||
                        format == VectorFormat::kJson;
  if (args.tokens && !is_lines) {
    usage_error("--tokens: expected stdout or a file of JSON lines (-o OUT.jsonl), found ", found);
  }
}

void check_model(const EmbedderDescription& model) {
  if (model.num_layers > 0) return;
  fail(ErrorKind::kUnsupported,
       "--layers, --tokens, --attention: expected a model with layers, found ", quoted(model.name),
       ", which is ", model.kind);
}

void write_id(JsonWriter& json, const Record& record) {
  record.id.empty() ? json.value(record.index) : json.value(record.id);
}

// One line for text `i` of a block.
std::string tokens_line(const Record& record, const TokenVectors& vectors, std::size_t i) {
  const auto begin = static_cast<std::size_t>(vectors.tokens.offsets[i]);
  const auto end = static_cast<std::size_t>(vectors.tokens.offsets[i + 1]);
  const auto rows = vectors.layers.front().view<float>();
  JsonWriter json;
  write_id(json.begin_object().key("id"), record);
  json.key("tokens").begin_array();
  for (std::size_t t = begin; t < end; ++t) json.value(vectors.pieces[t]);
  json.end_array().key("offsets").begin_array();
  for (std::size_t t = begin; t < end; ++t) {
    json.begin_array().value(vectors.spans[t].begin).value(vectors.spans[t].end).end_array();
  }
  json.end_array().key("vectors").begin_array();
  for (std::size_t t = begin; t < end; ++t) {
    json.begin_array();
    for (const float component : rows.row(t)) json.value(component);
    json.end_array();
  }
  return json.end_array().end_object().newline().take();
}

// Rows of text i in each hidden state asked for.
void write_layers(SafetensorsWriter& writer, const std::string& text, const TokenVectors& vectors,
                  std::size_t i, const std::vector<int>& layers) {
  const auto begin = static_cast<std::size_t>(vectors.tokens.offsets[i]);
  const auto end = static_cast<std::size_t>(vectors.tokens.offsets[i + 1]);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const auto rows = vectors.layers[l].view<float>().slice_rows(begin, end);
    writer.add(text + "." + std::to_string(layers[l]),
               {DType::kF32, rows.shape(), std::as_bytes(rows.span()).data()});
  }
}

class TokenRun {
 public:
  TokenRun(const EmbedArgs& args, OpenModel& model, TextInput& input)
      : args_(args), model_(model), input_(input), description_(model.embedder->description()) {
    check_model(description_);
    const EmbedOptions options = embed_options(args.vector, description_);
    token_options_.prompt = options.prompt;
    if (args.tokens) layers_ = {static_cast<int>(description_.num_layers) - 1};
    if (!args.layers.empty()) layers_ = parse_layers(args.layers, description_.num_layers);
    token_options_.layers = layers_;
    token_options_.attention_layers = args.attention;
    if (writes_safetensors(args)) {
      writer_.emplace(args.output);
    } else if (!args.output.empty() && args.output != "-") {
      lines_.emplace(args.output);
    }
  }

  void run() {
    Progress progress(parse_progress_mode(args_.progress), "texts");
    while (true) {
      const auto block = read_block(input_, kTokenBlockRecords, kTokenBlockBytes);
      if (block.empty()) break;
      write_block(block);
      check_interrupt();
      progress.update(
          {.done = report_.num_items, .tokens = report_.num_tokens, .fraction = input_.fraction()});
    }
    if (args_.unknown == "error") refuse_many_unknown(report_, description_.name);
    if (writer_) writer_->commit();
    if (lines_) lines_->commit();
    say_report(report_, description_, LongPolicy::kTruncate, progress.seconds());
  }

 private:
  void write_block(const std::vector<Record>& block) {
    const std::vector<std::string_view> texts = text_views(block);
    const TokenVectors vectors =
        model_.embedder->embed_tokens(std::span(texts), token_options_, *model_.workspace);
    if (args_.vector.long_policy == "error" && vectors.report.num_truncated > 0) {
      refuse_long_text(block);
    }
    report_.add(vectors.report);
    std::vector<std::size_t> attention_taken(vectors.attentions.size(), 0);
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (writer_) {
        const std::string text = std::to_string(block[i].index);
        write_layers(*writer_, text, vectors, i, layers_);
        write_attention(text, vectors, i, attention_taken);
      } else {
        write_line(tokens_line(block[i], vectors, i));
      }
    }
  }

  // One of the block is too long; which of them, the report does not say.
  [[noreturn]] void refuse_long_text(const std::vector<Record>& block) const {
    std::size_t i = 0;
    while (i + 1 < block.size() && !is_too_long(block[i].text)) ++i;
    fail(ErrorKind::kInvalidArgument, place_of(block[i]), ": expected at most ",
         description_.max_length, " tokens, as --long error says, found more");
  }

  bool is_too_long(std::string_view text) const {
    return model_.embedder->embed_tokens(std::span(&text, 1), token_options_, *model_.workspace)
               .report.num_truncated > 0;
  }

  void write_line(const std::string& line) {
    lines_ ? lines_->write(line) : standard_output().write(line);
  }

  // taken[a]: floats of attentions[a] that belong to the texts before this one.
  void write_attention(const std::string& text, const TokenVectors& vectors, std::size_t i,
                       std::vector<std::size_t>& taken) {
    const std::size_t tokens = vectors.tokens.length(i);
    const Shape shape{description_.num_attention_heads, tokens, tokens};
    for (std::size_t a = 0; a < vectors.attentions.size(); ++a) {
      const auto weights =
          vectors.attentions[a].view<float>().span().subspan(taken[a], shape.size());
      writer_->add(text + ".attention." + std::to_string(args_.attention[a]),
                   {DType::kF32, shape, std::as_bytes(weights).data()});
      taken[a] += shape.size();
    }
  }

  const EmbedArgs& args_;
  OpenModel& model_;
  TextInput& input_;
  const EmbedderDescription& description_;
  std::vector<int> layers_;
  TokenOptions token_options_;
  std::optional<SafetensorsWriter> writer_;
  std::optional<AtomicFile> lines_;
  EmbedReport report_;
};

}  // namespace

bool wants_tokens(const EmbedArgs& args) {
  return args.tokens || writes_safetensors(args);
}

void check_token_args(const EmbedArgs& args) {
  if (args.tokens && writes_safetensors(args)) {
    usage_error("--tokens: expected no --layers or --attention beside it, found one");
  }
  const std::string found = options_of_one_vector(args);
  if (!found.empty()) {
    const char* asked = args.tokens ? "--tokens" : args.layers.empty() ? "--attention" : "--layers";
    usage_error(asked, ": expected no option about the one vector of a text, found ", found);
  }
  check_form(args);
}

void embed_tokens(const EmbedArgs& args, OpenModel& model, TextInput& input) {
  TokenRun(args, model, input).run();
}

}  // namespace firth::cli
