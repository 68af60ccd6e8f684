#include "firth/words/fasttext_training.h"

namespace firth {
namespace {

std::int32_t number(std::size_t n) {
  return static_cast<std::int32_t>(n);
}

}  // namespace

std::shared_ptr<const FastTextModel> fasttext_model_of(const WordTrainer& trainer,
                                                       const Corpus& corpus,
                                                       const WordTrainingOptions& options,
                                                       std::size_t min_count) {
  const bool subwords = options.maxn > 0;
  FastTextParts parts;
  parts.args = {
      .dim = number(options.dim),
      .ws = number(options.window),
      .epoch = number(options.epochs),
      .min_count = number(min_count),
      .neg = number(options.negative),
      .word_ngrams = 1,
      .loss = options.hs ? FastTextLoss::kHierarchicalSoftmax : FastTextLoss::kNegativeSampling,
      .kind = options.cbow ? FastTextKind::kCbow : FastTextKind::kSkipGram,
      .bucket = subwords ? number(options.bucket) : 0,
      .minn = subwords ? number(options.minn) : 0,
      .maxn = number(options.maxn),
      .lr_update_rate = 100,
      .t = options.sample};
  parts.words = corpus.words;
  parts.word_counts = corpus.counts;
  parts.num_tokens = corpus.num_tokens;
  parts.input = FastTextMatrix(std::make_shared<const Tensor>(trainer.fasttext_input()));
  parts.output = FastTextMatrix(std::make_shared<const Tensor>(trainer.fasttext_output()));
  return std::make_shared<const FastTextModel>(std::move(parts));
}

}  // namespace firth
