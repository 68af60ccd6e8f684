// firth/io/vector_file.h: tables of vectors in files.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "errors.h"
#include "firth/core/error.h"
#include "firth/io/vector_file.h"
#include "texts.h"

namespace firth::python {
namespace {

struct VectorFile {
  FloatArray vectors;  // (count, dimension) f32; read-only where it views the file itself
  std::optional<nb::typed<nb::list, nb::str>> ids;
  VectorInfo info;
};

FloatArray values_of(const std::shared_ptr<VectorTable>& table,
                     const std::shared_ptr<Tensor>& converted) {
  if (converted->size() != 0) return array_of(std::move(*converted));
  const View<const float> view = table->values.view<float>();
  return array_of(view.data(), {view.rows(), view.cols()}, table);
}

VectorFile read(const std::string& path, const std::string& format, const std::string& ids_path) {
  const VectorReadOptions options{.format = parse_vector_format(format), .ids_path = ids_path};
  const auto table = std::make_shared<VectorTable>();
  const auto converted = std::make_shared<Tensor>();
  run_function([=] {
    *table = read_vectors(path, options);
    if (!table->values.holds<float>()) *converted = table->to_f32();
  });
  VectorFile file{.vectors = values_of(table, converted), .ids = {}, .info = table->info};
  if (!table->ids.empty()) {
    nb::typed<nb::list, nb::str> ids;
    for (const std::string& id : table->ids) ids.append(to_str(id));
    file.ids = std::move(ids);
  }
  return file;
}

void write(const std::string& path, const std::string& format, const MatrixIn& rows,
           const nb::object& ids, const std::string& dtype) {
  VectorWriterOptions options;
  options.format = parse_vector_format(format);
  options.info.dimension = rows.shape(1);
  options.info.dtype = parse_vector_dtype(dtype);
  options.has_ids = !ids.is_none();
  std::vector<std::string> names;
  if (options.has_ids) {
    const Texts texts(ids);
    names.assign(texts.views().begin(), texts.views().end());
    if (names.size() != rows.shape(0)) {
      fail(ErrorKind::kInvalidArgument, "ids: expected ", rows.shape(0), ", one a row, found ",
           names.size());
    }
  }
  run_function([=] {
    VectorWriter writer(path, options);
    writer.write(view_of(rows), names);
    writer.commit();
  });
}

}  // namespace

void bind_vectors(nb::module_& module) {
  using nb::arg;
  nb::class_<VectorFile>(module, "VectorFile", "A table of vectors that was read from a file.")
      .def_ro("vectors", &VectorFile::vectors)
      .def_ro("ids", &VectorFile::ids)
      .def_prop_ro("model", [](const VectorFile& file) { return file.info.model; })
      .def_prop_ro("identity", [](const VectorFile& file) { return file.info.identity; })
      .def_prop_ro("dtype", [](const VectorFile& file) {
        return std::string(vector_dtype_name(file.info.dtype));
      });
  module.def("read_vectors", &read, arg("path"), arg("format"), arg("ids_path"));
  module.def("write_vectors", &write, arg("path"), arg("format"), arg("rows").noconvert(),
             arg("ids").none(), arg("dtype"));
}

}  // namespace firth::python
