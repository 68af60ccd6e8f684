#include "errors.h"

#include <system_error>

#include "firth/core/error.h"

namespace firth::python {
namespace {

PyObject* exception_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kCorrupt:
      return PyExc_ValueError;
    case ErrorKind::kNotFound:
      return PyExc_FileNotFoundError;
    case ErrorKind::kUnsupported:
      return PyExc_NotImplementedError;
    case ErrorKind::kIo:
      return PyExc_OSError;
    case ErrorKind::kInternal:
      return PyExc_RuntimeError;
  }
  return PyExc_RuntimeError;
}

void set_error(PyObject* type, std::string_view message) {
  PyErr_SetObject(type, to_str(message).ptr());
}

void translate(const std::exception_ptr& error, void*) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    set_error(exception_of(e.kind()), e.what());
  } catch (const std::bad_alloc&) {
    set_error(PyExc_MemoryError, "memory: expected more, found that the system gives none");
  } catch (const std::system_error& e) {
    set_error(PyExc_OSError, e.what());
  }
}

}  // namespace

nb::str to_str(std::string_view text) {
  PyObject* str =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (str == nullptr) throw nb::python_error();
  return nb::steal<nb::str>(str);
}

void fail_type(std::string_view message) {
  set_error(PyExc_TypeError, message);
  throw nb::python_error();
}

void register_errors() {
  nb::register_exception_translator(translate, nullptr);
}

}  // namespace firth::python
