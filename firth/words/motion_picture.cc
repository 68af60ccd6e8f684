#include "firth/words/motion_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace firth {
namespace {

constexpr std::size_t kMaxFrames = 100;
constexpr std::size_t kMaxWords = 100;
constexpr float kSize = 480;
constexpr float kMargin = 50;

std::string number(float x) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", double{x});
  return text.data();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (static_cast<unsigned char>(c) >= ' ')
      out += c;
  }
  return out;
}

// "x0 y0;x1 y1;…"
std::string animation(const std::vector<std::pair<float, float>>& way, double seconds) {
  std::string values;
  for (const auto& [x, y] : way)
    values += (values.empty() ? "" : ";") + number(x) + " " + number(y);
  return "<animateTransform attributeName=\"transform\" type=\"translate\" dur=\"" +
         number(static_cast<float>(seconds)) + "s\" fill=\"freeze\" values=\"" + values + "\"/>";
}

}  // namespace

void MotionPicture::add(const Tensor& vectors) {
  const std::size_t n = std::min(vectors.shape()[0], kMaxWords);
  std::vector<std::pair<float, float>> frame;
  for (std::size_t i = 0; i < n; ++i)
    frame.emplace_back(vectors.view<float>()(i, 0), vectors.view<float>()(i, 1));
  frames_.push_back(std::move(frame));
}

std::string MotionPicture::svg(const WordList& words) const {
  std::vector<std::size_t> chosen;
  const std::size_t step = (frames_.size() + kMaxFrames - 1) / kMaxFrames;
  for (std::size_t i = 0; i < frames_.size(); i += std::max<std::size_t>(step, 1))
    chosen.push_back(i);
  if (!frames_.empty() && chosen.back() + 1 != frames_.size()) chosen.push_back(frames_.size() - 1);
  float reach = 1e-6F;
  for (const std::size_t i : chosen) {
    for (const auto& [x, y] : frames_[i]) reach = std::max({reach, std::abs(x), std::abs(y)});
  }
  const float scale = (kSize / 2 - kMargin) / reach;
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 480 480\" "
      "font-family=\"sans-serif\" font-size=\"16\">\n"
      "<rect width=\"480\" height=\"480\" fill=\"white\"/>\n"
      "<path d=\"M0 240H480M240 0V480\" stroke=\"#ccc\"/>\n";
  const std::size_t n = frames_.empty() ? 0 : std::min(frames_[0].size(), words.size());
  for (std::size_t word = 0; word < n; ++word) {
    std::vector<std::pair<float, float>> way;
    for (const std::size_t i : chosen) {
      way.emplace_back(kSize / 2 + scale * frames_[i][word].first,
                       kSize / 2 - scale * frames_[i][word].second);
    }
    // Where it ends stands in the file itself, for programs that do not play.
    out +=
        "<g transform=\"translate(" + number(way.back().first) + " " + number(way.back().second) +
        ")\">" + animation(way, 0.1 * static_cast<double>(chosen.size())) +
        "<circle r=\"5\" fill=\"hsl(" + std::to_string(360 * word / std::max<std::size_t>(n, 1)) +
        " 70% 45%)\"/><text x=\"8\" "
        "y=\"5\">" +
        escaped(words[word]) + "</text></g>\n";
  }
  return out + "</svg>\n";
}

}  // namespace firth
