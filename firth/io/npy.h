// NumPy's array files (numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1
// to 3. Pickled arrays (dtype object) are refused: a pickle is a program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "firth/core/tensor.h"
#include "firth/io/atomic_file.h"

namespace firth {

class MappedFile;

// Arrays of up to six axes. What lies in the file as firth holds it (f32, f16, i8, u8, i32, i64,
// little-endian, C order) is viewed in place; f64 becomes f32, big-endian and Fortran order are
// turned round in a copy. Other element types are unsupported.
class NpyFile {
 public:
  // Errors: not_found, io, corrupt, unsupported.
  static NpyFile open(const std::string& path);

  const Shape& shape() const { return values_.shape(); }

  const std::string& stored_type() const { return stored_type_; }  // "<f4"

  bool is_mapped() const { return converted_ == nullptr; }

  // Valid as long as this or a copy of it lives.
  AnyView values() const { return values_; }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::shared_ptr<const Tensor> converted_;
  std::string stored_type_;
  AnyView values_;
};

// Writes rows as they come; their number is put into the header by commit().
class NpyWriter {
 public:
  // dtype: f32, f16, i8, u8, i32 or i64. cols = 0 writes an array of one axis.
  NpyWriter(const std::string& path, DType dtype, std::size_t cols,
            const AtomicFileOptions& options = {});

  // Whole rows: a multiple of the bytes of one.
  void write(std::span<const std::byte> rows);

  void write(std::span<const float> rows) { write(std::as_bytes(rows)); }

  // Rows so far. With keep_partial at first those that an earlier run wrote.
  std::uint64_t rows() const;
  void truncate_rows(std::uint64_t rows);

  void flush() { file_.flush(); }

  void commit();

 private:
  std::string header(std::uint64_t rows) const;

  AtomicFile file_;
  DType dtype_;
  std::size_t cols_;
  std::size_t row_bytes_;
};

}  // namespace firth
