// `firth pull NAME…`: gets models from a hub (hub/pull.h) with progress, and says where they lie
// and what could not be had.
#include "firth/hub/pull.h"

#include <optional>

#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "firth/io/json_writer.h"

namespace firth::cli {
namespace {

constexpr std::string_view kNotes =
    "Only what a model needs is downloaded, and only what cannot run as a program: configuration, "
    "tokenizer, safetensors weights, the model card and the licence. Sizes and hashes are checked. "
    "A pull that was interrupted goes on where it stopped.\n"
    "Models lie in the Hugging Face cache ($HF_HUB_CACHE, $HF_HOME/hub or "
    "~/.cache/huggingface/hub) "
    "as huggingface_hub keeps them, so that transformers and sentence-transformers find them too. "
    "HF_ENDPOINT names another hub, HF_TOKEN gives access to private and gated models, "
    "HF_HUB_OFFLINE=1 asks nobody.";

struct PullArgs {
  std::vector<std::string> names;
  std::string progress = "auto";
  bool json = false;
};

void for_each_field(PullArgs& args, OptionTable& visit) {
  visit("NAME…", &args.names, "",
        "models as their pages call them: ORG/NAME, or ORG/NAME@REVISION for a branch, tag or "
        "commit");
  visit.group("Output");
  visit("--progress", &args.progress, "WHEN", "show progress on stderr",
        {"auto", "always", "never"});
  visit("--json", &args.json, "", "print a JSON object a line for each model, not only its folder");
}

void print_json(const PulledModel& model) {
  JsonWriter json;
  json.begin_object().field("name", model.repository).field("revision", model.revision);
  json.field("commit", model.commit).field("path", model.path);
  json.field("files", model.num_files).field("bytes", model.bytes);
  json.field("downloaded_bytes", model.downloaded_bytes);
  print(json.end_object().newline().take());
}

void warn_of_gaps(const PulledModel& model) {
  if (!model.has_weights) {
    warn(model.repository + ": has no safetensors weights, so only its tokenizer can be used" +
         (model.has_pickled_weights
              ? "; its weights are pickles, which can run any program when they are read and are "
                "not downloaded (some models have converted ones in a pull request: " +
                    model.repository + "@refs/pr/1, see its page)"
              : ""));
  }
  if (!model.unchecked.empty()) {
    warn(model.repository + ": the hub gives no hash of " +
         counted(model.unchecked.size(), "file") + ", of which sizes alone were checked (" +
         model.unchecked.front() + (model.unchecked.size() > 1 ? ", …)" : ")"));
  }
}

class PullCommand final : public Command {
 public:
  CommandInfo info() const override {
    return {
        .name = "pull",
        .summary = "Downloads models from the Hugging Face hub, or one like it.",
        .arguments = "NAME…",
        .examples = {{{"firth pull sentence-transformers/all-MiniLM-L6-v2",
                       "then: firth embed --model all-MiniLM-L6-v2 …"},
                      {"firth pull intfloat/e5-small-v2@main minishlab/potion-base-8M",
                       "two, one of them at a revision"},
                      {"HF_ENDPOINT=https://hub.example firth pull ORG/NAME", "from another hub"}}},
        .notes = kNotes};
  }

  void for_each_option(OptionTable& visit) override { for_each_field(args_, visit); }

  int run(const CommonArgs& common) override {
    static_cast<void>(common);
    require_argument(*this, "NAME", !args_.names.empty());
    std::vector<ModelName> names;
    for (const std::string& name : args_.names) names.push_back(parse_model_name(name));
    const HubSettings settings = hub_settings_from_environment();
    for (const ModelName& name : names) pull(name, settings);
    return 0;
  }

 private:
  void pull(const ModelName& name, const HubSettings& settings) const {
    Progress progress(parse_progress_mode(args_.progress), "");
    const PulledModel model = pull_model(name, settings,
                                         {.progress =
                                              [&](const PullProgress& state) {
                                                std::optional<double> fraction;
                                                if (state.total_bytes > 0) {
                                                  fraction = static_cast<double>(state.done_bytes) /
                                                             static_cast<double>(state.total_bytes);
                                                }
                                                progress.update({.done = state.done_bytes,
                                                                 .earlier = state.earlier_bytes,
                                                                 .fraction = fraction});
                                              },
                                          .notice = [](std::string_view text) { say(text); },
                                          .tick = check_interrupt});
    clear_progress_line();
    report(model, settings, progress.seconds());
  }

  void report(const PulledModel& model, const HubSettings& settings, double seconds) const {
    if (settings.offline) {
      say(model.repository + ": is in the cache; HF_HUB_OFFLINE is set, so the hub was not asked");
    } else if (model.downloaded_bytes == 0) {
      say(model.repository + ": nothing to download, " + counted(model.num_files, "file") + " of " +
          size_text(model.bytes) + " are there");
    } else {
      say(model.repository + ": " + counted(model.num_files, "file") + ", " +
          size_text(model.bytes) + "; downloaded " + size_text(model.downloaded_bytes) + " in " +
          duration_text(seconds));
    }
    if (!settings.offline) warn_of_gaps(model);
    args_.json ? print_json(model) : print(model.path, "\n");
  }

  PullArgs args_;
};

}  // namespace

std::unique_ptr<Command> make_pull() {
  return std::make_unique<PullCommand>();
}

}  // namespace firth::cli
