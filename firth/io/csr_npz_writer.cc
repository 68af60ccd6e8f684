#include "firth/io/csr_npz_writer.h"

#include <zlib.h>

#include <algorithm>

#include "firth/core/error.h"

namespace firth {
namespace {

constexpr std::uint64_t kWide = 0xFFFFFFFF;  // from here on a number needs the zip64 form

void put(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 255);
}

std::uint32_t crc_of(std::string_view bytes, std::uint32_t crc = 0) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The head of an array of NumPy's, version 1.
std::string npy_header(std::string_view dtype, const std::string& shape) {
  std::string dict =
      "{'descr': '" + std::string(dtype) + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  dict.resize((10 + dict.size() + 1 + 63) / 64 * 64 - 11, ' ');
  dict += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  put(header, dict.size(), 2);
  return header + dict;
}

std::string one_axis(std::uint64_t size) {
  return std::to_string(size) + ",";
}

// What local headers and the directory have in common, up to the lengths of name and extra.
void put_common(std::string& out, std::uint32_t crc, std::uint64_t size, std::size_t name_length,
                std::size_t extra_length, bool wide) {
  put(out, wide ? 45 : 20, 2);  // version needed
  put(out, 0, 2);               // flags
  put(out, 0, 2);               // stored
  put(out, 0, 2);               // time
  put(out, 0x21, 2);            // date: 1980-01-01
  put(out, crc, 4);
  put(out, std::min(size, kWide), 4);
  put(out, std::min(size, kWide), 4);
  put(out, name_length, 2);
  put(out, extra_length, 2);
}

}  // namespace

void CsrNpzWriter::Spool::append(std::span<const std::byte> bytes) {
  crc = crc_of(as_text(bytes), crc);
  file.write(bytes);
}

CsrNpzWriter::CsrNpzWriter(const std::string& path, std::size_t num_cols)
    : file_(path), num_cols_(num_cols), indices_(path + ".indices"), values_(path + ".values") {}

void CsrNpzWriter::write(const SparseView<float>& rows) {
  if (rows.cols() != num_cols_) {
    fail(ErrorKind::kInvalidArgument, file_.path(), ": expected rows of ", num_cols_,
         " columns, found ", rows.cols());
  }
  indices_.append(std::as_bytes(rows.indices));
  values_.append(std::as_bytes(rows.values));
  const std::int64_t before = indptr_.back();
  for (std::size_t i = 0; i < rows.rows(); ++i) indptr_.push_back(before + rows.indptr[i + 1]);
}

void CsrNpzWriter::begin_entry(const std::string& name, std::uint32_t crc, std::uint64_t size) {
  entries_.push_back({name + ".npy", crc, size, file_.size()});
  const bool wide = size >= kWide;
  std::string head("PK\x03\x04", 4);
  put_common(head, crc, size, entries_.back().name.size(), wide ? 20 : 0, wide);
  head += entries_.back().name;
  if (wide) {
    put(head, 1, 2);
    put(head, 16, 2);
    put(head, size, 8);
    put(head, size, 8);
  }
  file_.write(head);
}

void CsrNpzWriter::add_array(const std::string& name, const std::string& header,
                             std::string_view data) {
  begin_entry(name, crc_of(data, crc_of(header)), header.size() + data.size());
  file_.write(header);
  file_.write(data);
}

void CsrNpzWriter::add_spool(const std::string& name, const std::string& header, Spool& spool) {
  const std::uint64_t size = spool.file.size();
  const auto crc = static_cast<std::uint32_t>(
      ::crc32_combine64(crc_of(header), spool.crc, static_cast<z_off64_t>(size)));
  begin_entry(name, crc, header.size() + size);
  file_.write(header);
  std::string block(std::min<std::uint64_t>(size, 1 << 20), '\0');
  for (std::uint64_t at = 0; at < size; at += block.size()) {
    block.resize(std::min<std::uint64_t>(block.size(), size - at));
    spool.file.read_at(at, block);
    file_.write(block);
  }
}

void CsrNpzWriter::write_directory() {
  const std::uint64_t begin = file_.size();
  for (const Entry& entry : entries_) {
    std::string extra;
    if (entry.size >= kWide) {
      put(extra, entry.size, 8);
      put(extra, entry.size, 8);
    }
    if (entry.offset >= kWide) put(extra, entry.offset, 8);
    std::string head("PK\x01\x02", 4);
    put(head, 45, 2);
    put_common(head, entry.crc, entry.size, entry.name.size(), extra.empty() ? 0 : extra.size() + 4,
               !extra.empty());
    put(head, 0, 2 + 2 + 2 + 4);  // comment, disk, attributes
    put(head, std::min(entry.offset, kWide), 4);
    head += entry.name;
    if (!extra.empty()) {
      put(head, 1, 2);
      put(head, extra.size(), 2);
    }
    file_.write(head + extra);
  }
  const std::uint64_t end = file_.size();
  std::string tail;
  if (end >= kWide) {  // zip64's end of the directory, and where it lies
    tail.append("PK\x06\x06", 4);
    put(tail, 44, 8);
    put(tail, 45, 2);
    put(tail, 45, 2);
    put(tail, 0, 8);
    put(tail, entries_.size(), 8);
    put(tail, entries_.size(), 8);
    put(tail, end - begin, 8);
    put(tail, begin, 8);
    tail.append("PK\x06\x07", 4);
    put(tail, 0, 4);
    put(tail, end, 8);
    put(tail, 1, 4);
  }
  tail.append("PK\x05\x06", 4);
  put(tail, 0, 4);
  put(tail, entries_.size(), 2);
  put(tail, entries_.size(), 2);
  put(tail, std::min(end - begin, kWide), 4);
  put(tail, std::min(begin, kWide), 4);
  put(tail, 0, 2);
  file_.write(tail);
}

void CsrNpzWriter::commit() {
  const auto num_values = static_cast<std::uint64_t>(indptr_.back());
  add_spool("indices", npy_header("<i4", one_axis(num_values)), indices_);
  add_array("indptr", npy_header("<i8", one_axis(indptr_.size())),
            as_text(std::as_bytes(std::span(indptr_))));
  add_array("format", npy_header("|S3", ""), "csr");
  const std::int64_t shape[] = {static_cast<std::int64_t>(rows()),
                                static_cast<std::int64_t>(num_cols_)};
  add_array("shape", npy_header("<i8", "2,"), as_text(std::as_bytes(std::span(shape))));
  add_spool("data", npy_header("<f4", one_axis(num_values)), values_);
  write_directory();
  file_.commit();
}

}  // namespace firth
