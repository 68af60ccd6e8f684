// What the environment says about the hub, in the variables of huggingface_hub.
#pragma once

#include <string>

namespace firth {

struct HubSettings {
  // $HF_ENDPOINT without slashes at its end.
  std::string endpoint = "https://huggingface.co";
  // $HF_TOKEN, $HUGGING_FACE_HUB_TOKEN, or the file $HF_TOKEN_PATH or token of the folder $HF_HOME,
  // which `hf auth login` writes. "" = none. Sent to the endpoint alone, never to where it
  // redirects.
  std::string token;
  // $HF_HUB_OFFLINE or $TRANSFORMERS_OFFLINE: nothing is asked.
  bool offline = false;
  // $HF_HUB_CACHE and its kin; see hub_cache_folder().
  std::string cache_folder;
  // $HF_HUB_DISABLE_SYMLINKS: snapshots hold the files themselves.
  bool use_links = true;
  // $HF_HUB_DOWNLOAD_TIMEOUT: a transfer that stands still this long is broken off and tried again.
  long stall_seconds = 30;
};

// Errors: invalid_argument, naming the variable.
HubSettings hub_settings_from_environment();

}  // namespace firth
