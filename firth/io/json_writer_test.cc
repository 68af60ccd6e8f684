#include "firth/io/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "firth/core/random.h"
#include "firth/io/json.h"

namespace firth {
namespace {

using namespace std::string_literals;

TEST(JsonWriter, PutsCommasAndEscapes) {
  JsonWriter writer;
  writer.begin_object().field("a", 1).key("b").begin_array().value(0.1F).value(true).null();
  writer.begin_object().end_object().value("\"\\\n\x01中\xFF").end_array();
  writer.field("n", std::numeric_limits<double>::quiet_NaN()).end_object().newline();
  writer.value(2).newline();
  EXPECT_EQ(
      writer.text(),
      "{\"a\":1,\"b\":[0.1,true,null,{},\"\\\"\\\\\\n\\u0001中\xEF\xBF\xBD\"],\"n\":null}\n2\n");
}

TEST(JsonWriter, NumbersAndStringsComeBack) {
  Random random(1);
  JsonWriter writer;
  std::vector<float> floats;
  std::string text;
  writer.begin_array().begin_array();
  for (int i = 0; i < 1000; ++i) {
    floats.push_back(random.normal() * std::exp2(static_cast<float>(random.below(80)) - 40));
    writer.value(floats.back());
    text += static_cast<char>(random.below(128));
  }
  writer.end_array().value(text).end_array();
  const JsonDocument document = JsonDocument::parse(writer.text(), "x");
  std::vector<float> found;
  document.root().at(0).copy_numbers(found);
  EXPECT_EQ(found, floats);
  EXPECT_EQ(document.root().at(1).as_string(), text);
}

}  // namespace
}  // namespace firth
