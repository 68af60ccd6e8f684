#include "texts.h"

#include <nanobind/stl/string.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "arrow.h"
#include "errors.h"
#include "firth/core/error.h"

namespace firth::python {
namespace {

// "float (nan)", "None", "int (3)": what was found, for a message.
std::string described(nb::handle item) {
  if (item.is_none()) return "None";
  const std::string type = nb::cast<std::string>(nb::handle(item.type()).attr("__name__"));
  return PyFloat_Check(item.ptr()) || PyLong_Check(item.ptr())
             ? type + " (" + nb::repr(item).c_str() + ")"
             : type;
}

[[noreturn]] void fail_surrogate(nb::handle text, std::string_view where) {
  PyErr_Clear();
  const std::string shown = nb::cast<std::string>(nb::repr(text));
  fail(ErrorKind::kInvalidArgument, where, ": expected a str that UTF-8 can hold, found a lone ",
       "surrogate in ", shown.substr(0, 80));
}

std::string item_name(std::string_view name, std::size_t i) {
  return std::string(name) + "[" + std::to_string(i) + "]";
}

// UTF-8 of a Python str without going through a name that only errors need.
bool borrow_utf8(nb::handle text, std::string_view& view) {
  if (!PyUnicode_Check(text.ptr())) return false;
  Py_ssize_t length = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &length);
  if (data == nullptr) return false;
  view = {data, static_cast<std::size_t>(length)};
  return true;
}

void append_utf8(std::uint32_t c, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

// The texts of a 'U' array, one after another.
struct ConvertedTexts final : Texts::Owner {
  std::string text;
};

// A view of Python's buffer protocol.
class Buffer {
 public:
  explicit Buffer(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_STRIDES | PyBUF_FORMAT) != 0)
      throw nb::python_error();
  }

  ~Buffer() { PyBuffer_Release(&view_); }

  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  const Py_buffer& operator*() const { return view_; }

  const Py_buffer* operator->() const { return &view_; }

 private:
  Py_buffer view_{};
};

// One fixed-width item: code points in native order, padded with zeros at its end.
void convert_item(const char* data, std::size_t width, std::size_t row, std::string& out) {
  const auto at = [&](std::size_t k) {
    std::uint32_t c = 0;
    std::memcpy(&c, data + 4 * k, sizeof(c));
    return c;
  };
  while (width > 0 && at(width - 1) == 0) --width;
  for (std::size_t k = 0; k < width; ++k) {
    const std::uint32_t c = at(k);
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
      fail(ErrorKind::kInvalidArgument, item_name("texts", row),
           ": expected a str that UTF-8 can hold, found the code ", c);
    }
    append_utf8(c, out);
  }
}

}  // namespace

std::string_view utf8_of(nb::handle text, std::string_view where) {
  std::string_view view;
  PyErr_Clear();  // of a first attempt, which did not know the name
  if (borrow_utf8(text, view)) return view;
  if (!PyUnicode_Check(text.ptr()))
    fail_type(std::string(where) + ": expected str, found " + described(text));
  if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) throw nb::python_error();
  fail_surrogate(text, where);
}

Texts::Texts(nb::handle items, std::string_view name) {
  const bool sequence = PyList_Check(items.ptr()) || PyTuple_Check(items.ptr());
  if (sequence || !(take_arrow(items) || take_array(items))) take_sequence(items, name);
  for (const std::string_view view : views_) bytes_ += view.size();
}

// A tuple of its own holds the items: a list may change while it is read.
void Texts::take_sequence(nb::handle items, std::string_view name) {
  PyObject* tuple = PySequence_Tuple(items.ptr());
  if (tuple == nullptr) throw nb::python_error();
  sequence_ = nb::steal(tuple);
  const Py_ssize_t size = PyTuple_Size(tuple);
  views_.resize(static_cast<std::size_t>(size));
  for (Py_ssize_t i = 0; i < size; ++i) {
    const nb::handle item = PyTuple_GetItem(tuple, i);
    std::string_view& view = views_[static_cast<std::size_t>(i)];
    if (!borrow_utf8(item, view))
      view = utf8_of(item, item_name(name, static_cast<std::size_t>(i)));
  }
}

bool Texts::take_arrow(nb::handle items) {
  if (nb::hasattr(items, "__arrow_c_stream__")) {
    owner_ = read_arrow_stream(items, views_);
  } else if (nb::hasattr(items, "__arrow_c_array__")) {
    owner_ = read_arrow_array(items, views_);
  }
  return owner_ != nullptr;
}

bool Texts::take_array(nb::handle items) {
  if (PyObject_CheckBuffer(items.ptr()) == 0) return false;
  const Buffer buffer(items);
  const std::string_view format = buffer->format == nullptr ? "B" : buffer->format;
  // "5w": five code points an item; '>' before it would be the other byte order.
  const bool text = format.ends_with('w') && !format.starts_with('>');
  if (buffer->ndim != 1 || !text) {
    fail_type("texts: expected one axis of str, found " + std::to_string(buffer->ndim) +
              " axes of type " + quoted(format));
  }
  const auto rows = static_cast<std::size_t>(buffer->shape[0]);
  const auto width = static_cast<std::size_t>(buffer->itemsize) / 4;
  auto converted = std::make_unique<ConvertedTexts>();
  std::vector<std::size_t> ends(rows);
  const auto* data = static_cast<const char*>(buffer->buf);
  for (std::size_t i = 0; i < rows; ++i) {
    convert_item(data + static_cast<Py_ssize_t>(i) * buffer->strides[0], width, i, converted->text);
    ends[i] = converted->text.size();
  }
  views_.reserve(rows);
  for (std::size_t i = 0, begin = 0; i < rows; begin = ends[i++])
    views_.emplace_back(converted->text.data() + begin, ends[i] - begin);
  owner_ = std::move(converted);
  return true;
}

}  // namespace firth::python
