// A repository on a hub: asks for its listing and for what each file is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "firth/hub/download.h"
#include "firth/hub/http.h"
#include "firth/hub/listing.h"
#include "firth/hub/model_name.h"

namespace firth {

class Repository {
 public:
  Repository(HttpClient& client, ModelName name, std::function<void(std::string_view)> notice)
      : client_(client), name_(std::move(name)), notice_(std::move(notice)) {}

  // Asks for the revision. False if the hub has no repository of that name to show; errors as
  // hub_error.h says for anything else that is no success, and corrupt.
  bool open();

  // After open(). Errors as above.
  const std::string& commit() const { return answer_.commit; }

  std::vector<ListedFile> list_files();

  // Address, ETag and size. Errors also: corrupt for an ETag that cannot name a file.
  RemoteFile describe(const ListedFile& file);

  // Throws what the hub said when open() was false.
  [[noreturn]] void fail_not_found() const;

  const ModelName& name() const { return name_; }

 private:
  struct TextReply {
    HttpReply reply;
    std::string text;
  };

  TextReply get_text(const std::string& address, std::string_view what);
  HttpReply send(const HttpRequest& request, const BodySink& sink, std::string_view what);

  HttpClient& client_;
  ModelName name_;
  std::function<void(std::string_view)> notice_;
  RevisionAnswer answer_;
  HttpReply refusal_;
};

}  // namespace firth
