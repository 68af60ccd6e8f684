// Keeps a run from writing over what it reads: `firth embed reviews.jsonl -o reviews.jsonl`.
#pragma once

#include <string>
#include <vector>

namespace firth::cli {

// Throws UsageError if `output`, or a file that is written beside it, is one of the inputs: the
// same file by any name or link, standard input or a text file of an input folder.
void refuse_overwriting_input(const std::string& output, const std::vector<std::string>& inputs);

}  // namespace firth::cli
