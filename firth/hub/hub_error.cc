#include "firth/hub/hub_error.h"

#include "firth/core/error.h"
#include "firth/io/json.h"

namespace firth {

namespace {

// The hub's own words: a header, or the field "error" of its answer.
std::string hub_says(const HttpReply& reply) {
  std::string text = reply.header("x-error-message");
  if (text.empty()) {
    try {
      const JsonDocument answer = JsonDocument::parse(reply.error_text, "answer");
      if (const auto field = answer.root().find("error")) text = field->as_string();
    } catch (const Error&) {  // a page for people, or cut
    }
  }
  return text.empty() ? "" : "; the hub says " + quoted(text, 200);
}

std::string page_of(const HubSettings& settings, const ModelName& name) {
  return settings.endpoint + "/" + name.repository;
}

std::string how_to_log_in(const HubSettings& settings) {
  return settings.token.empty()
             ? "set HF_TOKEN to a token of yours, or run 'hf auth login'"
             : "the token that was sent (HF_TOKEN or the file of 'hf auth login') gives no access";
}

}  // namespace

void fail_reply(const HttpReply& reply, const HubSettings& settings, const ModelName& name,
                std::string_view what) {
  const std::string where = name.text() + (what.empty() ? std::string() : ": " + std::string(what));
  const std::string code = reply.header("x-error-code");
  const std::string said = hub_says(reply);
  if (!reply.problem.empty()) {
    fail(ErrorKind::kIo, where, ": expected an answer of ", settings.endpoint,
         ", found: ", reply.problem,
         reply.never_connected
             ? "; is the network there? HF_ENDPOINT names another hub, https_proxy a proxy"
             : "");
  }
  if (code == "GatedRepo" || (reply.status == 403 && code != "RepoNotFound")) {
    fail(ErrorKind::kUnsupported, where, ": expected access, found that the hub refuses it (",
         reply.status, code.empty() ? "" : ", " + code,
         "); if the model is gated, accept its terms "
         "at ",
         page_of(settings, name), ", then ", how_to_log_in(settings), said);
  }
  if (code == "RevisionNotFound") {
    fail(ErrorKind::kNotFound, where, ": expected a branch, tag or commit of the model, found no ",
         quoted(name.revision_or_main()), " there; ", page_of(settings, name),
         "/tree/main lists them");
  }
  if (reply.status == 404 && !what.empty()) {
    fail(ErrorKind::kNotFound, where, ": expected the file that ", settings.endpoint,
         " lists, found none (404)", said);
  }
  if (reply.status == 401 || reply.status == 404 || reply.status == 410) {
    fail(ErrorKind::kNotFound, where, ": expected a model of ", settings.endpoint,
         ", found none of that name, or it is private (", reply.status,
         "); names have the form ORG/NAME, as on the model's page; if it is private or gated, ",
         how_to_log_in(settings), said);
  }
  if (reply.status == 429) {
    fail(ErrorKind::kIo, where, ": expected an answer of ", settings.endpoint,
         ", found that it limits requests (429)",
         reply.retry_after_seconds > 0 ? " for " + std::to_string(reply.retry_after_seconds) + " s"
                                       : "",
         "; run the command again later, it goes on where it stopped",
         settings.token.empty() ? "; with HF_TOKEN set the limit is higher" : "", said);
  }
  fail(ErrorKind::kIo, where, ": expected an answer of ", settings.endpoint, ", found status ",
       reply.status,
       reply.status >= 500 ? "; run the command again later, it goes on where it stopped" : "",
       said);
}

}  // namespace firth
