#include "firth/hub/repository.h"

#include <charconv>
#include <optional>

#include "firth/core/error.h"
#include "firth/hub/address.h"
#include "firth/hub/hub_error.h"

namespace firth {

namespace {

// Of all pages of a listing together; 100,000 files take a third of it.
constexpr std::size_t kMostListingBytes = std::size_t{64} << 20;

constexpr std::size_t kMostPages = 1000;

// The address of <ADDRESS>; rel="next" in a Link header, "" if there is none.
std::string next_page(const std::string& link) {
  const std::size_t rel = link.find("rel=\"next\"");
  if (rel == std::string::npos) return "";
  const std::size_t begin = link.rfind('<', rel);
  const std::size_t end = begin == std::string::npos ? begin : link.find('>', begin);
  if (end == std::string::npos || end > rel) return "";
  return link.substr(begin + 1, end - begin - 1);
}

// ETag: "abc" or W/"abc" -> abc
std::string unquoted_etag(std::string etag) {
  if (etag.starts_with("W/")) etag.erase(0, 2);
  while (etag.starts_with('"')) etag.erase(0, 1);
  while (etag.ends_with('"')) etag.pop_back();
  return etag;
}

std::optional<std::uint64_t> parsed_size(const std::string& text) {
  std::uint64_t size = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, size);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return size;
}

std::string in(const std::map<std::string, std::string, std::less<>>& headers,
               std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

}  // namespace

HttpReply Repository::send(const HttpRequest& request, const BodySink& sink,
                           std::string_view what) {
  Backoff backoff(client_, notice_);
  const std::string shown = name_.text() + (what.empty() ? "" : ": " + std::string(what));
  for (;;) {
    HttpReply reply = client_.send(request, sink);
    if (reply.ok() || !backoff.wait(reply, shown)) return reply;
  }
}

Repository::TextReply Repository::get_text(const std::string& address, std::string_view what) {
  TextReply answer;
  answer.reply =
      send({.address = address},
           {.begin = [&](const HttpReply&) { answer.text.clear(); },
            .write =
                [&](std::string_view bytes) {
                  if (answer.text.size() + bytes.size() > kMostListingBytes) {
                    fail(ErrorKind::kCorrupt, address, ": expected a listing of at most ",
                         kMostListingBytes, " bytes, found more");
                  }
                  answer.text += bytes;
                }},
           what);
  return answer;
}

bool Repository::open() {
  const std::string address = client_.settings().endpoint + "/api/models/" + name_.repository +
                              "/revision/" + percent_encoded(name_.revision_or_main());
  const TextReply answer = get_text(address, "");
  if (answer.reply.ok()) {
    answer_ = parse_revision_answer(answer.text, address);
    return true;
  }
  const std::string code = answer.reply.header("x-error-code");
  const long status = answer.reply.status;
  const bool unknown = answer.reply.problem.empty() && (status == 401 || status == 404) &&
                       (code.empty() || code == "RepoNotFound");
  refusal_ = answer.reply;
  if (!unknown) fail_not_found();
  return false;
}

void Repository::fail_not_found() const {
  fail_reply(refusal_, client_.settings(), name_, "");
}

std::vector<ListedFile> Repository::list_files() {
  const std::string& endpoint = client_.settings().endpoint;
  std::string address = endpoint + "/api/models/" + name_.repository + "/tree/" + answer_.commit +
                        "?recursive=true&expand=false";
  std::vector<ListedFile> files;
  std::size_t bytes = 0;
  std::size_t pages = 0;
  while (!address.empty()) {
    const TextReply page = get_text(address, "the listing");
    if (!page.reply.ok()) {
      // Not every mirror has this part of the interface; the names alone are in the first answer.
      const long status = page.reply.status;
      const bool lacking = page.reply.problem.empty() && files.empty() && !answer_.files.empty() &&
                           (status == 400 || status == 404 || status == 405 || status == 501);
      if (!lacking) fail_reply(page.reply, client_.settings(), name_, "the listing");
      files = answer_.files;
      break;
    }
    parse_tree_answer(page.text, address, files);
    bytes += page.text.size();
    if (++pages > kMostPages || bytes > kMostListingBytes) {
      fail(ErrorKind::kCorrupt, address, ": expected a listing that comes to an end, found ", bytes,
           " bytes on ", pages, " pages and more to come");
    }
    const std::string next = next_page(page.reply.header("link"));
    if (next.empty()) break;
    address = resolved_address(page.reply.address, next);
    if (origin_of(address) != origin_of(endpoint)) {
      fail(ErrorKind::kCorrupt, page.reply.address,
           ": expected the next page of the listing on the same host, found ", quoted(address));
    }
  }
  check_count(files, endpoint + "/" + name_.repository);
  return files;
}

RemoteFile Repository::describe(const ListedFile& file) {
  RemoteFile remote{.path = file.path,
                    .address = client_.settings().endpoint + "/" + name_.repository + "/resolve/" +
                               answer_.commit + "/" + percent_encoded(file.path, "/"),
                    .etag = file.sha256,
                    .size = file.size};
  if (!remote.etag.empty()) return remote;
  const HttpReply reply = send({.address = remote.address, .head = true}, {}, file.path);
  const bool answered = reply.problem.empty() && reply.status >= 200 && reply.status < 400;
  if (!answered) fail_reply(reply, client_.settings(), name_, file.path);
  const std::string linked_etag = in(reply.linked, "x-linked-etag");
  remote.etag = unquoted_etag(linked_etag.empty() ? reply.header("etag") : linked_etag);
  if (!is_plain_word(remote.etag)) {
    fail(ErrorKind::kCorrupt, name_.text(), ": ", file.path,
         ": expected an ETag of letters, digits, '-' and '_' to keep the file by, found ",
         quoted(remote.etag));
  }
  std::optional<std::uint64_t> size = parsed_size(in(reply.linked, "x-linked-size"));
  if (!size && reply.status < 300 && reply.header("content-encoding").empty()) {
    size = reply.content_length();
  }
  if (size && remote.size && *size != *remote.size) {
    fail(ErrorKind::kCorrupt, name_.text(), ": ", file.path, ": expected ", *remote.size,
         " bytes, as the hub lists, found that it now states ", *size);
  }
  if (size) remote.size = size;
  return remote;
}

}  // namespace firth
