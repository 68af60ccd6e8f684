// Texts as Python has them, as the engine wants them: spans of UTF-8. They are borrowed wherever
// that is possible, from str objects (which keep their UTF-8 form) and from Arrow buffers; arrays
// of numpy's fixed-width dtype 'U' are converted.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firth::python {

namespace nb = nanobind;

class Texts {
 public:
  // list, tuple, a numpy array of dtype 'U', or a column: whatever has __arrow_c_stream__ or
  // __arrow_c_array__ (pandas, polars, pyarrow). TypeError names the first item that is no text.
  // `name` is what a message calls them.
  explicit Texts(nb::handle items, std::string_view name = "texts");

  std::span<const std::string_view> views() const { return views_; }

  std::size_t size() const { return views_.size(); }

  std::size_t bytes() const { return bytes_; }

  // Something that views into memory of its own, kept until the texts go.
  struct Owner {
    virtual ~Owner() = default;
  };

 private:
  void take_sequence(nb::handle items, std::string_view name);
  bool take_array(nb::handle items);
  bool take_arrow(nb::handle items);

  std::vector<std::string_view> views_;
  std::size_t bytes_ = 0;
  nb::object sequence_;
  std::unique_ptr<Owner> owner_;
};

// A str as UTF-8, borrowed. ValueError for a lone surrogate, TypeError for anything else; `where`
// names it: "texts[3]".
std::string_view utf8_of(nb::handle text, std::string_view where);

}  // namespace firth::python
