// `firth inspect PATH…`: what lies there, from describe_path (embed/inspect.h).
#include "firth/embed/inspect.h"

#include <algorithm>
#include <variant>

#include "cli/output.h"
#include "cli/verbs.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

constexpr std::size_t kTensorsShown = 20;

struct InspectArgs {
  std::vector<std::string> paths;
  bool all = false;
  bool json = false;
};

void for_each_field(InspectArgs& args, OptionTable& visit) {
  visit("PATH…", &args.paths, "", "models, tokenizers, weights, vectors, tables");
  visit.group("Output");
  visit("--all", &args.all, "", "list every tensor");
  visit("--json", &args.json, "", "print a JSON object a line for each path");
}

std::string value_text(const DescriptionField& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) return grouped(*number);
  return std::get<bool>(field.value) ? "yes" : "no";
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "(";
  for (const std::size_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + ")";
}

void print_row(std::string name, std::string_view value) {
  constexpr std::size_t kColumn = 20;
  name.resize(std::max(name.size() + 1, kColumn), ' ');
  print("  ", name, value, "\n");
}

void print_text(const PathDescription& description, bool all) {
  print(description.path, ": ", description.kind, ", ", size_text(description.bytes), "\n");
  for (const DescriptionField& field : description.fields) print_row(field.name, value_text(field));
  const std::size_t shown =
      all ? description.tensors.size() : std::min(description.tensors.size(), kTensorsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const TensorDescription& tensor = description.tensors[i];
    print("  ", tensor.name, "  ", tensor.dtype, " ", shape_text(tensor.shape), "\n");
  }
  if (shown < description.tensors.size()) {
    print("  … and ", counted(description.tensors.size() - shown, "tensor"), " more (--all)\n");
  }
  if (!description.problem.empty()) print_row("problem", description.problem);
  if (!description.command.empty()) print_row("use", description.command);
}

void print_json(const PathDescription& description) {
  JsonWriter json;
  json.begin_object().field("path", description.path).field("kind", description.kind);
  json.field("bytes", description.bytes);
  for (const DescriptionField& field : description.fields) {
    json.key(field.name);
    std::visit([&](const auto& value) { json.value(value); }, field.value);
  }
  json.key("tensors").begin_array();
  for (const TensorDescription& tensor : description.tensors) {
    json.begin_object().field("name", tensor.name).field("dtype", tensor.dtype);
    json.key("shape").begin_array();
    for (const std::size_t extent : tensor.shape) json.value(extent);
    json.end_array().end_object();
  }
  json.end_array();
  if (!description.problem.empty()) json.field("problem", description.problem);
  if (!description.command.empty()) json.field("command", description.command);
  print(json.end_object().newline().take());
}

class InspectCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "inspect",
        .summary = "Says what a file or folder is: models, tokenizers, weights, vectors, tables.",
        .arguments = "PATH…",
        .examples = {{{"firth inspect models/all-MiniLM-L6-v2", "a model's sizes, limits, licence"},
                      {"firth inspect model.safetensors --all", "every tensor of a file"},
                      {"firth inspect reviews.npy --json", "a table of vectors, for programs"}}}};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    require_argument(*this, "PATH", !args_.paths.empty());
    for (const std::string& path : args_.paths) {
      const PathDescription description = describe_path(path);
      args_.json ? print_json(description) : print_text(description, args_.all);
    }
    return 0;
  }

 private:
  InspectArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_inspect() {
  return std::make_unique<InspectCommand>();
}

}  // namespace firth::cli
