// Which files of a repository are worth having, by a list of what firth, transformers and
// sentence-transformers read of a model. What is not on the list is not downloaded: pickles and
// Python files, which can run as programs, weights in other forms, pictures.
#pragma once

#include <string_view>

namespace firth {

// By the name without folders: config.json, tokenizer.json, model.safetensors, …
bool is_safe_model_file(std::string_view file_name);

// model.safetensors, or a shard model-00001-of-00002.safetensors.
bool is_weight_file(std::string_view file_name);

// A shard, or the index of shards.
bool is_sharded_weight_file(std::string_view file_name);

// pytorch_model.bin and its like: a program that runs when it is read.
bool is_pickled_weight_file(std::string_view file_name);

}  // namespace firth
