// Writes a sparse matrix as scipy.sparse.save_npz does (load_npz opens it), row after row: a zip
// archive, stored, of the arrays indices (i32), indptr (i64), format ("csr"), shape (i64) and data
// (f32). Columns and values wait in nameless files beside the final one; memory holds 8 bytes a
// row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "firth/core/sparse_matrix.h"
#include "firth/io/atomic_file.h"

namespace firth {

class CsrNpzWriter {
 public:
  CsrNpzWriter(const std::string& path, std::size_t num_cols);

  // Appends rows. Errors: invalid_argument for another number of columns; io.
  void write(const SparseView<float>& rows);

  std::uint64_t rows() const { return indptr_.size() - 1; }

  void commit();

 private:
  // An array whose bytes come piece by piece.
  struct Spool {
    explicit Spool(const std::string& path) : file(path) {}

    void append(std::span<const std::byte> bytes);

    AtomicFile file;  // never committed: it goes away
    std::uint32_t crc = 0;
  };

  struct Entry {
    std::string name;
    std::uint32_t crc;
    std::uint64_t size;
    std::uint64_t offset;
  };

  void begin_entry(const std::string& name, std::uint32_t crc, std::uint64_t size);
  void add_array(const std::string& name, const std::string& header, std::string_view data);
  void add_spool(const std::string& name, const std::string& header, Spool& spool);
  void write_directory();

  AtomicFile file_;
  std::size_t num_cols_;
  Spool indices_;
  Spool values_;
  std::vector<std::int64_t> indptr_{0};
  std::vector<Entry> entries_;
};

}  // namespace firth
