// The families of text encoders: each function reads a config.json into what differs from family to
// family, and knows the names of its tensors. A field that firth does not obey and that would
// change a number is refused by its name. They are listed in encoder.cc.
#pragma once

#include "firth/io/json.h"
#include "firth/models/transformer.h"

namespace firth {

TransformerSpec read_bert(const Json& config);
TransformerSpec read_electra(const Json& config);
TransformerSpec read_roberta(const Json& config);
TransformerSpec read_distilbert(const Json& config);
TransformerSpec read_mpnet(const Json& config);
TransformerSpec read_modernbert(const Json& config);
TransformerSpec read_nomic_bert(const Json& config);
TransformerSpec read_gte(const Json& config);
TransformerSpec read_gpt2(const Json& config);
TransformerSpec read_gemma3(const Json& config);
TransformerSpec read_llama(const Json& config);

}  // namespace firth
