// The reference models of tests/fixtures/models with what the reference library computed from them,
// and copies of them that a test may spoil.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "firth/core/dtype.h"
#include "firth/core/error.h"
#include "firth/io/json.h"
#include "firth/io/safetensors.h"
#include "firth/io/test_folder.h"

namespace firth {

struct FixtureText {
  std::string id;
  std::string text;
  std::vector<std::int32_t> ids;
};

class ModelFixture {
 public:
  explicit ModelFixture(const std::string& name)
      : folder_(std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/models/" + name),
        cases_(JsonDocument::read(folder_ + "/expected/cases.json")),
        expected_(SafetensorsFile::open(folder_ + "/expected/expected.safetensors")) {
    const auto texts = cases_.root().find("texts");  // cross-encoders have pairs alone
    for (const Json& element : texts ? texts->elements() : std::vector<Json>()) {
      FixtureText text{std::string(element.at("id").as_string()),
                       std::string(element.at("text").as_string()),
                       {}};
      for (const Json& id : element.at("ids").elements())
        text.ids.push_back(static_cast<std::int32_t>(id.as_int()));
      texts_.push_back(std::move(text));
    }
  }

  const std::string& folder() const { return folder_; }

  Json cases() const { return cases_.root(); }

  const std::vector<FixtureText>& texts() const { return texts_; }

  const FixtureText& text(const std::string& id) const {
    for (const FixtureText& text : texts_)
      if (text.id == id) return text;
    throw std::runtime_error("no text " + id);
  }

  bool has(const std::string& name) const { return expected_.has(name); }

  Tensor expected(const std::string& name) const { return Tensor::from(expected_.tensor(name)); }

  double tolerance(const std::string& name) const {
    return cases().at("tolerance").at(name).as_double();
  }

 private:
  std::string folder_;
  JsonDocument cases_;
  SafetensorsFile expected_;
  std::vector<FixtureText> texts_;
};

inline void expect_near(std::span<const float> found, std::span<const float> expected,
                        double tolerance, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], expected[i], tolerance) << what << " [" << i << "]";
}

inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write_file(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// A copy of a fixture's folder, without `expected`, that goes away with the object.
class ModelCopy {
 public:
  explicit ModelCopy(const std::string& name) : path_(folder_.path(name)) {
    std::filesystem::copy(std::string(FIRTH_SOURCE_DIR) + "/tests/fixtures/models/" + name, path_,
                          std::filesystem::copy_options::recursive);
    std::filesystem::remove_all(path_ + "/expected");
  }

  const std::string& path() const { return path_; }

  void write(const std::string& file, const std::string& text) const {
    write_file(path_ + "/" + file, text);
  }

  void remove(const std::string& file) const { std::filesystem::remove_all(path_ + "/" + file); }

  // Replaces a piece of text that must be there.
  void edit(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = file_text(path_ + "/" + file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write(file, text.replace(at, from.size(), to));
  }

 private:
  TestFolder folder_;
  std::string path_;
};

// One tensor to be written.
struct TensorToWrite {
  std::string name;
  std::string dtype;
  std::vector<std::size_t> shape;
  std::string bytes;
};

inline void write_safetensors(const std::string& path, const std::vector<TensorToWrite>& tensors) {
  std::string header = "{";
  std::string data;
  for (const TensorToWrite& tensor : tensors) {
    header += (header.size() == 1 ? "\"" : ",\"") + tensor.name + "\":{\"dtype\":\"" +
              tensor.dtype + "\",\"shape\":[";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      header += (i == 0 ? "" : ",") + std::to_string(tensor.shape[i]);
    header += "],\"data_offsets\":[" + std::to_string(data.size()) + ",";
    data += tensor.bytes;
    header += std::to_string(data.size()) + "]}";
  }
  header += "}";
  const std::uint64_t length = header.size();
  write_file(path,
             std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + header + data);
}

inline std::vector<TensorToWrite> read_tensors(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  std::vector<TensorToWrite> tensors;
  for (const std::string& name : file.names()) {
    const auto bytes = file.tensor(name).bytes();
    tensors.push_back({name, file.info(name).dtype, file.info(name).shape,
                       std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
  }
  return tensors;
}

// f32 tensors as f16 or bf16; others as they are.
inline TensorToWrite narrowed(const TensorToWrite& tensor, const std::string& dtype) {
  if (tensor.dtype != "F32") return tensor;
  TensorToWrite out{tensor.name, dtype, tensor.shape, ""};
  for (std::size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, tensor.bytes.data() + i, sizeof(float));
    const std::uint16_t bits = dtype == "F16" ? to_float16(value).bits : to_bfloat16(value).bits;
    out.bytes.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
  }
  return out;
}

// "kind: message" of what the call throws.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error_kind_name(error.kind())) + ": " + error.what();
  }
  return "no error";
}

}  // namespace firth
