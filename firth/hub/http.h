// Requests to a hub, and what is needed to survive bad ones. One HttpClient keeps its connections
// open between requests; it is used by one thread.
//
//   Redirects are followed here, not by libcurl: the token goes to the origin of the endpoint and
//   to no other, https never becomes http, and ten are enough. Certificates are verified, against
//   the person's or the system's authorities (certificates.h). Proxies: http_proxy, https_proxy,
//   all_proxy and no_proxy, as libcurl reads them. A transfer that stands still, a body that is cut
//   and a connection that breaks are reported in the reply, for the caller may go on from where it
//   was.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "firth/hub/hub_settings.h"

namespace firth {

struct HttpRequest {
  std::string address;
  bool head = false;             // no body; stops before a redirect to another origin
  std::uint64_t first_byte = 0;  // > 0: asks for the rest only
  std::string if_range = "";     // ETag under which the rest is wanted; else the whole
};

struct HttpReply {
  long status = 0;      // of the last hop; 0 = no answer came
  std::string problem;  // "" = the whole answer came; else what happened, for people
  bool worth_retrying = false;
  bool never_connected = false;
  std::string address;                                      // of the last hop
  std::map<std::string, std::string, std::less<>> headers;  // of the last hop; names in lower case
  std::map<std::string, std::string, std::less<>>
      linked;                     // x-linked-* and x-repo-commit of any hop
  std::string error_text;         // the beginning of the body where status is no success
  long retry_after_seconds = -1;  // -1 = it does not say

  bool ok() const { return problem.empty() && status >= 200 && status < 300; }

  std::string header(std::string_view name) const;  // "" if it is not there
  std::optional<std::uint64_t> content_length() const;
};

// Takes the body of a successful answer; both may throw, which ends the transfer.
struct BodySink {
  std::function<void(const HttpReply&)> begin;  // when the headers are there
  std::function<void(std::string_view)> write;
};

class HttpClient {
 public:
  // `tick` is called several times a second while something is awaited and may throw.
  HttpClient(const HubSettings& settings, std::function<void()> tick);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // What the network did is in the reply; errors are those of the sink, of `tick`, and corrupt for
  // a redirect that leads nowhere good.
  HttpReply send(const HttpRequest& request, const BodySink& sink);

  const HubSettings& settings() const { return settings_; }

  void tick() const { tick_(); }

  // Sleeps, ticking.
  void wait(double seconds) const;

 private:
  struct Transfer;
  void perform(Transfer& transfer);

  const HubSettings settings_;
  const std::function<void()> tick_;
  const std::string origin_;
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

// Decides whether to try again after a reply, and waits: 0.5 s, 1 s, 2 s, 4 s, 8 s, or what the hub
// asks for (Retry-After).
class Backoff {
 public:
  Backoff(const HttpClient& client, std::function<void(std::string_view)> notice)
      : client_(client), notice_(std::move(notice)) {}

  // False, without a wait, if the reply is final or there were too many in a row. `what` is named
  // in the notice.
  bool wait(const HttpReply& reply, std::string_view what);

  void reset() { failures_ = 0; }  // after progress

 private:
  const HttpClient& client_;
  std::function<void(std::string_view)> notice_;
  int failures_ = 0;
};

// "503", "the connection was closed …": what a reply was, for messages.
std::string reply_text(const HttpReply& reply);

}  // namespace firth
