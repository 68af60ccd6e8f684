#include "firth/hub/http.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <thread>

#include "firth/core/error.h"
#include "firth/hub/address.h"
#include "firth/hub/certificates.h"
#include "firth/hub/curl_library.h"

namespace firth {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMostRedirects = 10;
constexpr long kConnectSeconds = 10;
// Below this many bytes a second a transfer stands still.
constexpr curl_off_t kStillBytesPerSecond = 100;
constexpr long kReceiveBufferBytes = 512 << 10;
constexpr std::size_t kMostHeaderBytes = 256 << 10;
constexpr std::size_t kErrorTextBytes = 4 << 10;
constexpr std::size_t kMostErrorBytes = 1 << 20;  // of a body that nobody wants

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_redirect(long status) {
  constexpr std::array<long, 5> kRedirects = {301, 302, 303, 307, 308};
  return std::ranges::find(kRedirects, status) != kRedirects.end();
}

bool is_transient(long status) {
  constexpr std::array<long, 6> kTransient = {408, 429, 500, 502, 503, 504};
  return std::ranges::find(kTransient, status) != kTransient.end();
}

bool is_transient(CURLcode code) {
  constexpr std::array kTransient = {CURLE_COULDNT_CONNECT,    CURLE_COULDNT_RESOLVE_HOST,
                                     CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE,
                                     CURLE_RECV_ERROR,         CURLE_SEND_ERROR,
                                     CURLE_GOT_NOTHING,        CURLE_HTTP2,
                                     CURLE_HTTP2_STREAM,       CURLE_SSL_CONNECT_ERROR};
  return std::ranges::find(kTransient, code) != kTransient.end();
}

}  // namespace

struct HttpClient::Handle {
  CURL* curl;

  Handle() : curl(curl_library().easy_init()) {
    if (curl == nullptr) fail(ErrorKind::kInternal, "libcurl: expected a handle, found none");
  }

  ~Handle() { curl_library().easy_cleanup(curl); }

  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  template <class T>
  void set(CURLoption option, T value) {
    const CURLcode code = curl_library().easy_setopt(curl, option, value);
    if (code == CURLE_OK) return;
    fail(ErrorKind::kUnsupported, "libcurl: option ", static_cast<int>(option), ": ",
         curl_library().easy_strerror(code));
  }

  long number(CURLINFO info) const {
    long value = 0;
    curl_library().easy_getinfo(curl, info, &value);
    return value;
  }
};

// One hop: what libcurl's callbacks see. No exception may pass through libcurl, so the first one is
// kept and thrown again when the transfer is over.
struct HttpClient::Transfer {
  const HttpClient& client;
  const HttpRequest& request;
  const BodySink& sink;
  HttpReply reply = {};
  std::size_t header_bytes = 0;
  std::size_t unwanted_bytes = 0;
  bool sink_began = false;
  bool given_up = false;  // enough was read of what nobody wants
  bool stands_still = false;
  Clock::time_point window_begin = Clock::now();
  curl_off_t window_bytes = 0;  // that had come when the window began
  std::exception_ptr error = nullptr;

  void begin_sink() {
    if (sink_began || request.head) return;
    sink_began = true;
    sink.begin(reply);
  }

  bool add_header(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > kMostHeaderBytes) {
      fail(ErrorKind::kCorrupt, request.address, ": expected at most ", kMostHeaderBytes,
           " bytes of headers, found more");
    }
    if (line.starts_with("HTTP/")) reply.headers.clear();  // those before were of an interim reply
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    const std::string name = lower_case(trimmed(line.substr(0, colon)));
    const std::string value(trimmed(line.substr(colon + 1)));
    reply.headers[name] = value;
    if (name.starts_with("x-linked-") || name == "x-repo-commit") reply.linked[name] = value;
    return true;
  }

  bool add_body(std::string_view bytes) {
    reply.status = client.handle_->number(CURLINFO_RESPONSE_CODE);
    if (reply.status >= 200 && reply.status < 300) {
      begin_sink();
      sink.write(bytes);
      return true;
    }
    unwanted_bytes += bytes.size();
    const std::size_t room = kErrorTextBytes - std::min(kErrorTextBytes, reply.error_text.size());
    reply.error_text += bytes.substr(0, room);
    given_up = unwanted_bytes > kMostErrorBytes;
    return !given_up;
  }

  template <class F>
  bool guarded(F&& f) noexcept {
    try {
      return f();
    } catch (...) {
      error = std::current_exception();
      return false;
    }
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded([&] { return transfer.add_header({bytes, size}); }) ? size : 0;
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded([&] { return transfer.add_body({bytes, size}); }) ? size : 0;
  }

  // libcurl's own limit on low speed averages over the seconds before, and so sees a stop late.
  bool check_speed(curl_off_t bytes) {
    const auto window = std::chrono::seconds(client.settings_.stall_seconds);
    if (Clock::now() - window_begin < window) return true;
    stands_still = bytes - window_bytes < kStillBytesPerSecond * window.count();
    window_begin = Clock::now();
    window_bytes = bytes;
    return !stands_still;
  }

  static int on_progress(void* self, curl_off_t, curl_off_t bytes, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(self);
    const bool go_on = transfer.guarded([&] {
      transfer.client.tick();
      return transfer.check_speed(bytes);
    });
    return go_on ? 0 : 1;
  }
};

std::string HttpReply::header(std::string_view name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::optional<std::uint64_t> HttpReply::content_length() const {
  const std::string text = header("content-length");
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

HttpClient::HttpClient(const HubSettings& settings, std::function<void()> tick)
    : settings_(settings),
      tick_(std::move(tick)),
      origin_(origin_of(settings.endpoint)),
      handle_(std::make_unique<Handle>()) {}

HttpClient::~HttpClient() = default;

void HttpClient::wait(double seconds) const {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    tick_();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void HttpClient::perform(Transfer& transfer) {
  const CurlLibrary& curl = curl_library();
  Handle& handle = *handle_;
  HttpReply& reply = transfer.reply;
  const HttpRequest& request = transfer.request;
  curl.easy_reset(handle.curl);  // keeps the connections

  struct Lines {
    curl_slist* list = nullptr;

    ~Lines() { curl_library().slist_free_all(list); }

    void add(const std::string& line) {
      curl_slist* longer = curl_library().slist_append(list, line.c_str());
      if (longer == nullptr) throw std::bad_alloc();
      list = longer;
    }
  } lines;

  lines.add("Accept-Encoding: identity");  // sizes and sums are those of the plain content
  if (!settings_.token.empty() && origin_of(reply.address) == origin_) {
    lines.add("Authorization: Bearer " + settings_.token);
  }
  if (!request.if_range.empty()) lines.add("If-Range: " + request.if_range);

  std::array<char, CURL_ERROR_SIZE> message{};
  handle.set(CURLOPT_ERRORBUFFER, message.data());
  handle.set(CURLOPT_URL, reply.address.c_str());
  handle.set(CURLOPT_PROTOCOLS_STR, "http,https");
  handle.set(CURLOPT_HTTPHEADER, lines.list);
  handle.set(CURLOPT_USERAGENT, "firth");
  handle.set(CURLOPT_NOSIGNAL, 1L);
  handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  handle.set(CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  handle.set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  if (request.head) handle.set(CURLOPT_NOBODY, 1L);
  const std::string range = std::to_string(request.first_byte) + "-";
  if (request.first_byte > 0) handle.set(CURLOPT_RANGE, range.c_str());
  const std::string authorities = certificate_file();
  if (!authorities.empty()) handle.set(CURLOPT_CAINFO, authorities.c_str());
  const std::string folder = certificate_folder();
  if (!folder.empty()) handle.set(CURLOPT_CAPATH, folder.c_str());
  handle.set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  handle.set(CURLOPT_HEADERDATA, &transfer);
  handle.set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  handle.set(CURLOPT_WRITEDATA, &transfer);
  handle.set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  handle.set(CURLOPT_XFERINFODATA, &transfer);
  handle.set(CURLOPT_NOPROGRESS, 0L);

  const CURLcode code = curl.easy_perform(handle.curl);
  if (transfer.error) std::rethrow_exception(transfer.error);
  reply.status = handle.number(CURLINFO_RESPONSE_CODE);
  reply.worth_retrying = is_transient(reply.status);
  curl_off_t retry_after = 0;
  curl.easy_getinfo(handle.curl, CURLINFO_RETRY_AFTER, &retry_after);
  if (reply.headers.contains("retry-after")) reply.retry_after_seconds = retry_after;
  if (code == CURLE_OK || transfer.given_up) {
    if (reply.ok()) transfer.begin_sink();  // of an empty body
    return;
  }
  reply.problem = message[0] != '\0' ? message.data() : curl.easy_strerror(code);
  if (transfer.stands_still) {
    reply.problem = "nothing came for " + std::to_string(settings_.stall_seconds) + " s";
  }
  reply.worth_retrying = transfer.stands_still || is_transient(code);
  handle_ = std::make_unique<Handle>();  // one that failed may be in any state
  // A limit of time is set for connecting alone.
  reply.never_connected = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                          code == CURLE_OPERATION_TIMEDOUT;
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    reply.problem = "its certificate could not be verified (" + reply.problem + "; authorities: " +
                    (authorities.empty() ? "none found, SSL_CERT_FILE names a file" : authorities) +
                    ")";
  }
}

HttpReply HttpClient::send(const HttpRequest& request, const BodySink& sink) {
  std::string address = request.address;
  std::map<std::string, std::string, std::less<>> linked;
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    tick_();
    Transfer transfer{.client = *this, .request = request, .sink = sink};
    transfer.reply.address = address;
    transfer.reply.linked = std::move(linked);
    perform(transfer);
    HttpReply& reply = transfer.reply;
    const std::string location = reply.header("location");
    if (!reply.problem.empty() || !is_redirect(reply.status) || location.empty()) return reply;
    const std::string next = resolved_address(address, location);
    if (address.starts_with("https:") && !next.starts_with("https:")) {
      fail(ErrorKind::kCorrupt, request.address,
           ": expected a redirect from https to https, found one to ", quoted(next));
    }
    if (request.head && origin_of(next) != origin_of(address)) return reply;
    linked = std::move(reply.linked);
    address = next;
  }
  fail(ErrorKind::kCorrupt, request.address, ": expected at most ", kMostRedirects,
       " redirects, found more");
}

bool Backoff::wait(const HttpReply& reply, std::string_view what) {
  constexpr int kMostFailures = 5;
  constexpr int kMostFailedConnections = 1;
  constexpr long kLongestWaitSeconds = 120;
  if (!reply.worth_retrying || reply.retry_after_seconds > kLongestWaitSeconds) return false;
  if (++failures_ > (reply.never_connected ? kMostFailedConnections : kMostFailures)) return false;
  double seconds = 0.5 * std::exp2(failures_ - 1);
  if (reply.retry_after_seconds >= 0) seconds = static_cast<double>(reply.retry_after_seconds);
  char shown[32];
  std::snprintf(shown, sizeof shown, "%g s", seconds);
  if (notice_) {
    notice_(std::string(what) + ": " + reply_text(reply) + "; trying again in " + shown);
  }
  client_.wait(seconds);
  return true;
}

std::string reply_text(const HttpReply& reply) {
  return reply.problem.empty() ? "status " + std::to_string(reply.status) : reply.problem;
}

}  // namespace firth
