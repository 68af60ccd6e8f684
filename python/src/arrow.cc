#include "arrow.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "errors.h"
#include "firth/core/error.h"

// The interface's own declarations: names and layout are fixed by the specification.
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema*);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray*);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
}

namespace firth::python {
namespace {

// Owns one of the three structs: released once, moved by leaving the source without a release.
template <class T>
class Released {
 public:
  Released() = default;

  explicit Released(T* source) : value_(*source) { source->release = nullptr; }

  Released(Released&& other) noexcept : value_(other.value_) { other.value_.release = nullptr; }

  Released& operator=(Released&&) = delete;

  ~Released() {
    if (value_.release != nullptr) value_.release(&value_);
  }

  T* get() { return &value_; }

  T* operator->() { return &value_; }

 private:
  T value_{};
};

struct Chunks final : Texts::Owner {
  std::vector<Released<ArrowArray>> arrays;
};

[[noreturn]] void fail_format(const ArrowSchema& schema) {
  const std::string_view format = schema.format == nullptr ? "" : schema.format;
  if (format == "+s")
    fail_type("texts: expected a column of texts, found a table; take one of its columns");
  if (format == "n") fail_type("texts[0]: expected a text, found null");
  fail_type("texts: expected a column of texts, found one of Arrow type " + quoted(format));
}

class TextReader {
 public:
  TextReader(const ArrowArray& array, const ArrowSchema& schema, std::size_t first_row)
      : array_(array), format_(schema.format), first_row_(first_row) {
    if (format_ != "u" && format_ != "U" && format_ != "vu") fail_format(schema);
  }

  std::string_view operator[](std::int64_t i) const {
    const std::int64_t at = array_.offset + i;
    if (format_ == "u") return between<std::int32_t>(at);
    return format_ == "U" ? between<std::int64_t>(at) : of_view(at);
  }

 private:
  template <class Offset>
  std::string_view between(std::int64_t at) const {
    const auto* offsets = static_cast<const Offset*>(array_.buffers[1]);
    const auto* data = static_cast<const char*>(array_.buffers[2]);
    if (offsets[at] < 0 || offsets[at + 1] < offsets[at]) fail_place(at);
    const auto length = static_cast<std::size_t>(offsets[at + 1] - offsets[at]);
    return length == 0 ? std::string_view() : std::string_view(data + offsets[at], length);
  }

  // 16 bytes a value: the length and either up to 12 bytes or a prefix, a buffer and a place in it.
  std::string_view of_view(std::int64_t at) const {
    const char* view = static_cast<const char*>(array_.buffers[1]) + 16 * at;
    std::int32_t parts[4];
    std::memcpy(parts, view, sizeof(parts));
    const auto length = static_cast<std::size_t>(parts[0]);
    if (parts[0] < 0) fail_place(at);
    if (length <= 12) return {view + 4, length};
    // The last buffer holds the lengths of the others.
    const std::int64_t num_data = array_.n_buffers - 3;
    if (parts[2] < 0 || parts[2] >= num_data || parts[3] < 0) fail_place(at);
    const auto* lengths = static_cast<const std::int64_t*>(array_.buffers[array_.n_buffers - 1]);
    if (static_cast<std::int64_t>(parts[3]) + parts[0] > lengths[parts[2]]) fail_place(at);
    return {static_cast<const char*>(array_.buffers[2 + parts[2]]) + parts[3], length};
  }

  [[noreturn]] void fail_place(std::int64_t at) const {
    fail(ErrorKind::kCorrupt, "texts[", static_cast<std::int64_t>(first_row_) + at - array_.offset,
         "]: expected a place inside the column's Arrow buffers, found another");
  }

  const ArrowArray& array_;
  std::string_view format_;
  std::size_t first_row_;
};

bool is_null(const ArrowArray& array, std::int64_t i) {
  if (array.null_count == 0 || array.n_buffers == 0 || array.buffers[0] == nullptr) return false;
  const std::int64_t at = array.offset + i;
  return (static_cast<const std::uint8_t*>(array.buffers[0])[at / 8] >> (at % 8) & 1) == 0;
}

[[noreturn]] void fail_null(std::size_t row) {
  fail_type("texts[" + std::to_string(row) + "]: expected a text, found null");
}

// Index i of a dictionary-encoded column.
std::int64_t index_at(const ArrowArray& array, char format, std::int64_t i) {
  const void* data = array.buffers[1];
  const std::int64_t at = array.offset + i;
  switch (format) {
    case 'c':
      return static_cast<const std::int8_t*>(data)[at];
    case 'C':
      return static_cast<const std::uint8_t*>(data)[at];
    case 's':
      return static_cast<const std::int16_t*>(data)[at];
    case 'S':
      return static_cast<const std::uint16_t*>(data)[at];
    case 'i':
      return static_cast<const std::int32_t*>(data)[at];
    case 'I':
      return static_cast<const std::uint32_t*>(data)[at];
    case 'l':
    case 'L':
      return static_cast<const std::int64_t*>(data)[at];
    default:
      return -1;
  }
}

void append_plain(const ArrowArray& array, const ArrowSchema& schema,
                  std::vector<std::string_view>& views) {
  const TextReader texts(array, schema, views.size());
  for (std::int64_t i = 0; i < array.length; ++i) {
    if (is_null(array, i)) fail_null(views.size());
    views.push_back(texts[i]);
  }
}

void append_dictionary(const ArrowArray& array, const ArrowSchema& schema,
                       std::vector<std::string_view>& views) {
  const ArrowArray& values = *array.dictionary;
  const TextReader texts(values, *schema.dictionary, views.size());
  for (std::int64_t i = 0; i < array.length; ++i) {
    if (is_null(array, i)) fail_null(views.size());
    const std::int64_t index = index_at(array, schema.format[0], i);
    if (index < 0 || index >= values.length) {
      fail(ErrorKind::kCorrupt, "texts[", views.size(), "]: expected one of the ", values.length,
           " values of the column's dictionary, found index ", index);
    }
    if (is_null(values, index)) fail_null(views.size());
    views.push_back(texts[index]);
  }
}

void append(const ArrowArray& array, const ArrowSchema& schema,
            std::vector<std::string_view>& views) {
  if (array.length == 0 && schema.format != std::string_view("+s")) return;
  views.reserve(views.size() + static_cast<std::size_t>(array.length));
  if (schema.dictionary != nullptr && array.dictionary != nullptr) {
    append_dictionary(array, schema, views);
  } else {
    append_plain(array, schema, views);
  }
}

template <class T>
T* pointer_of(nb::handle capsule, const char* name) {
  auto* pointer = static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), name));
  if (pointer == nullptr) throw nb::python_error();
  if (pointer->release == nullptr) {
    fail(ErrorKind::kInvalidArgument, "texts: expected a fresh Arrow capsule, found a used one");
  }
  return pointer;
}

void check_stream(int code, ArrowArrayStream& stream) {
  if (code == 0) return;
  const char* message = stream.get_last_error(&stream);
  fail(ErrorKind::kIo,
       "texts: the Arrow stream failed: ", message == nullptr ? std::strerror(code) : message);
}

}  // namespace

std::unique_ptr<Texts::Owner> read_arrow_stream(nb::handle column,
                                                std::vector<std::string_view>& views) {
  const nb::object capsule = column.attr("__arrow_c_stream__")();
  Released<ArrowArrayStream> stream(pointer_of<ArrowArrayStream>(capsule, "arrow_array_stream"));
  Released<ArrowSchema> schema;
  check_stream(stream->get_schema(stream.get(), schema.get()), *stream.get());
  auto chunks = std::make_unique<Chunks>();
  for (;;) {
    Released<ArrowArray> array;
    check_stream(stream->get_next(stream.get(), array.get()), *stream.get());
    if (array->release == nullptr) break;
    append(*array.get(), *schema.get(), views);
    chunks->arrays.push_back(std::move(array));
  }
  return chunks;
}

std::unique_ptr<Texts::Owner> read_arrow_array(nb::handle column,
                                               std::vector<std::string_view>& views) {
  const nb::object pair = column.attr("__arrow_c_array__")();
  const nb::object first = pair[0];
  const nb::object second = pair[1];
  Released<ArrowSchema> schema(pointer_of<ArrowSchema>(first, "arrow_schema"));
  auto chunks = std::make_unique<Chunks>();
  chunks->arrays.emplace_back(pointer_of<ArrowArray>(second, "arrow_array"));
  append(*chunks->arrays.front().get(), *schema.get(), views);
  return chunks;
}

}  // namespace firth::python
