// Semantic textual similarity: do pairs of sentences that people call alike have vectors that are
// near? The figure is Spearman's correlation between the people's scores and the cosine of the two
// vectors (Reimers & Gurevych 2019, arXiv:1908.10084, section 4.1), usually given times 100. As
// sentence-transformers' EmbeddingSimilarityEvaluator, the other similarities and Pearson's
// correlation are computed as well.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firth/core/embedder.h"
#include "firth/core/workspace.h"

namespace firth {

struct StsPair {
  std::string first;
  std::string second;
  double score = 0;  // the people's, on whatever scale
};

struct StsColumns {
  std::string first = "sentence1";
  std::string second = "sentence2";
  std::string score = "score";
};

// Reads .csv, .tsv or .jsonl, plain or compressed. CSV and TSV files whose first row does not hold
// these columns are taken as STS-B's are: without a header, first and second sentence and score
// being the only three columns. Errors: corrupt, naming the line, for a score that is no number.
std::vector<StsPair> read_sts(const std::string& path, const StsColumns& columns = {});

struct StsCorrelation {
  Similarity similarity = Similarity::kCosine;
  std::optional<double> spearman;  // in [-1, 1]; nullopt where one side is constant
  std::optional<double> pearson;
};

struct StsResult {
  std::array<StsCorrelation, 4> correlations;  // cosine, dot, euclidean, manhattan
  std::size_t num_pairs = 0;
  EmbedReport report;
  double seconds = 0;  // of embedding

  const StsCorrelation& cosine() const { return correlations[0]; }
};

StsResult evaluate_sts(const Embedder& embedder, const std::vector<StsPair>& pairs,
                       const EmbedOptions& options, Workspace& workspace);

}  // namespace firth
