// Columns of texts through Arrow's C data interface (arrow.apache.org/docs/format/CDataInterface):
// a capsule with a stream or an array, whose buffers are read where they lie. Known are utf8,
// large_utf8 and utf8_view, and dictionaries of them (categorical columns).
//
// The producer is trusted for the sizes of its buffers, which the interface does not carry.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string_view>
#include <vector>

#include "texts.h"

namespace firth::python {

// Appends a view for each value. TypeError for columns of anything but texts, for tables, and for
// nulls (naming the first). What it returns keeps the buffers.
std::unique_ptr<Texts::Owner> read_arrow_stream(nb::handle column,
                                                std::vector<std::string_view>& views);
std::unique_ptr<Texts::Owner> read_arrow_array(nb::handle column,
                                               std::vector<std::string_view>& views);

}  // namespace firth::python
