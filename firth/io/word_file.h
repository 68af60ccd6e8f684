// word2vec's text and binary forms and GloVe's text, opened without being read through: a place for
// each word, and its numbers when somebody asks for them. The file is mapped (compressed ones are
// unpacked into memory), so that gigabytes are ready as fast as their lines are counted.
//
//   text    a word and its numbers a line, after a line "count dimension" or (GloVe) without one.
//           A word may hold spaces: it is all before the last `dimension` numbers.
//   binary  "count dimension\n", then for each word the word, a space and little-endian floats;
//           word2vec.c ends each with a line break, gensim does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/io/file_bytes.h"

namespace firth {

class WordFile {
 public:
  // Errors: corrupt for a head that does not fit the file, lines without numbers, an end in the
  // middle of a word; unsupported for a fastText model.
  static WordFile open_text(const std::string& path);
  static WordFile open_binary(const std::string& path);

  std::size_t size() const { return offsets_.size(); }

  std::size_t dimension() const { return dimension_; }

  std::span<const std::string_view> words() const { return words_; }

  // Without the words: for a caller that keeps them elsewhere; messages then have numbers alone.
  std::vector<std::string_view> take_words();

  // out: (dimension). Errors: corrupt for a line of text with another number of numbers, or with
  // one that is not finite; both name the line or the word.
  void copy_row(std::size_t i, std::span<float> out) const;

  const std::shared_ptr<const void>& owner() const { return file_.owner(); }

 private:
  void index_text();
  void add_text_line(std::string_view line);
  void copy_text_row(std::size_t i, std::span<float> out) const;
  std::string where(std::size_t i) const;

  FileBytes file_;
  std::size_t dimension_ = 0;
  bool is_text_ = false;
  std::vector<std::string_view> words_;
  std::vector<std::uint64_t> offsets_;  // of the word's numbers
};

}  // namespace firth
