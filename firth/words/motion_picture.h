// Words of two dimensions on their way through a training, as an animated SVG that browsers play by
// themselves: one state an epoch, at most a hundred of them, then the end stands still.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "firth/core/tensor.h"
#include "firth/words/word_list.h"

namespace firth {

class MotionPicture {
 public:
  void add(const Tensor& vectors);  // (words, 2)

  // At most the first 100 words are drawn.
  std::string svg(const WordList& words) const;

 private:
  std::vector<std::vector<std::pair<float, float>>> frames_;
};

}  // namespace firth
