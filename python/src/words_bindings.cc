// firth/words/: training of word vectors, fastText models.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arrays.h"
#include "bindings.h"
#include "computation.h"
#include "errors.h"
#include "firth/words/fasttext_model.h"
#include "firth/words/fasttext_training.h"
#include "firth/words/word_trainer.h"
#include "model.h"
#include "texts.h"

namespace firth::python {
namespace {

struct TrainingJob {
  CorpusOptions corpus_options;
  WordTrainingOptions options;
  std::shared_ptr<ThreadPool> pool = shared_pool();
  std::unique_ptr<CorpusBuilder> builder;
  Corpus corpus;
  std::unique_ptr<WordTrainer> trainer;
  std::vector<EpochReport> reports;
};

class WordTrainingRun final : public Computation {
 public:
  explicit WordTrainingRun(std::shared_ptr<TrainingJob> job) : job_(std::move(job)) {}

  void run() override {
    TrainingJob& job = *job_;
    job.corpus = job.builder->finish();
    job.trainer = std::make_unique<WordTrainer>(job.corpus, job.options, *job.pool);
    job.reports = job.trainer->train([this](const WordTrainingProgress& state) { at(state.done); });
  }

 private:
  std::shared_ptr<TrainingJob> job_;
};

class WordTraining {
 public:
  // Options by the names of their fields; all are given.
  explicit WordTraining(const nb::typed<nb::dict, nb::str, nb::any>& given)
      : job_(std::make_shared<TrainingJob>()) {
    const auto size = [&](const char* name) { return nb::cast<std::size_t>(given[name]); };
    const auto real = [&](const char* name) { return nb::cast<double>(given[name]); };
    const auto flag = [&](const char* name) { return nb::cast<bool>(given[name]); };
    WordTrainingOptions& o = job_->options;
    o.dim = size("dim");
    o.window = size("window");
    o.negative = size("negative");
    o.hs = flag("hs");
    o.cbow = flag("cbow");
    o.cbow_mean = flag("cbow_mean");
    o.shrink_windows = flag("shrink_windows");
    o.sample = real("sample");
    o.ns_exponent = real("ns_exponent");
    o.epochs = size("epochs");
    o.lr = real("lr");
    o.min_lr = real("min_lr");
    o.seed = size("seed");
    o.deterministic = flag("deterministic");
    o.minn = size("minn");
    o.maxn = size("maxn");
    o.bucket = size("bucket");
    job_->corpus_options.min_count = size("min_count");
    job_->corpus_options.max_vocab = size("max_vocab");
    job_->corpus_options.separator = nb::cast<std::string>(given["separator"]);
    job_->corpus_options.end_words = flag("end_words");
    job_->builder = std::make_unique<CorpusBuilder>(job_->corpus_options, *job_->pool);
  }

  void add(nb::handle texts) {
    const auto views = std::make_shared<Texts>(texts);
    run_function([job = job_, views] { job->builder->add(views->views()); });
  }

  void train() { run(std::make_shared<WordTrainingRun>(job_)); }

  FloatArray vectors() const { return array_of(job_->trainer->vectors()); }

  nb::typed<nb::list, nb::str> words() const {
    nb::typed<nb::list, nb::str> words;
    for (const std::string_view word : job_->corpus.words.words())
      words.append(nb::str(word.data(), word.size()));
    return words;
  }

  std::vector<std::uint64_t> counts() const { return job_->corpus.counts; }

  std::vector<double> losses() const {
    std::vector<double> losses;
    for (const EpochReport& report : job_->reports) losses.push_back(report.loss);
    return losses;
  }

  std::shared_ptr<const FastTextModel> fasttext() const {
    return fasttext_model_of(*job_->trainer, job_->corpus, job_->options,
                             job_->corpus_options.min_count);
  }

 private:
  std::shared_ptr<TrainingJob> job_;
};

// nanobind holds no shared pointers to const.
struct FastTextFile {
  std::shared_ptr<const FastTextModel> model;

  FloatArray vector(nb::handle word) const {
    Tensor out = Tensor::zeros<float>({1, model->dimension()});
    model->word_vector(utf8_of(word, "word"), out.view<float>().row(0));
    return array_of(std::move(out));
  }

  FloatArray text_vector(nb::handle text) const {
    Tensor out = Tensor::zeros<float>({1, model->dimension()});
    model->text_vector(utf8_of(text, "text"), out.view<float>().row(0));
    return array_of(std::move(out));
  }

  FloatArray vectors() const {
    Tensor out = Tensor::zeros<float>({model->words().size(), model->dimension()});
    for (std::size_t i = 0; i < model->words().size(); ++i)
      model->word_vector(model->words()[i], out.view<float>().row(i));
    return array_of(std::move(out));
  }

  std::vector<std::pair<std::string, float>> predict(nb::handle text, std::size_t k,
                                                     float threshold) const {
    std::vector<std::pair<std::string, float>> found;
    for (const LabelScore& score : model->predict(utf8_of(text, "text"), k, threshold))
      found.emplace_back(model->labels()[score.label], score.probability);
    return found;
  }
};

nb::typed<nb::list, nb::str> list_of(const WordList& words) {
  nb::typed<nb::list, nb::str> list;
  for (const std::string_view word : words.words()) {
    PyObject* text =
        PyUnicode_DecodeUTF8(word.data(), static_cast<Py_ssize_t>(word.size()), "replace");
    list.append(nb::steal<nb::object>(text));
  }
  return list;
}

}  // namespace

void bind_words(nb::module_& module) {
  using nb::arg;
  nb::class_<FastTextFile>(module, "FastTextFile", "A fastText model; see firth.FastText.")
      .def_static(
          "open", [](const std::string& path) { return FastTextFile{FastTextModel::open(path)}; },
          arg("path"))
      .def(
          "write",
          [](const FastTextFile& self, const std::string& path) { self.model->write(path); },
          arg("path"))
      .def("vector", &FastTextFile::vector, arg("word"))
      .def("text_vector", &FastTextFile::text_vector, arg("text"))
      .def("vectors", &FastTextFile::vectors)
      .def("predict", &FastTextFile::predict, arg("text"), arg("k"), arg("threshold"))
      .def_prop_ro("words", [](const FastTextFile& self) { return list_of(self.model->words()); })
      .def_prop_ro("labels", [](const FastTextFile& self) { return list_of(self.model->labels()); })
      .def_prop_ro("dimension", [](const FastTextFile& self) { return self.model->dimension(); });
  nb::class_<WordTraining>(module, "WordTrainer",
                           "Learns vectors of words; see firth.Word2Vec and firth.FastText.")
      .def(nb::init<const nb::typed<nb::dict, nb::str, nb::any>&>(), arg("options"))
      .def("add", &WordTraining::add, arg("texts"))
      .def("train", &WordTraining::train)
      .def("vectors", &WordTraining::vectors)
      .def("words", &WordTraining::words)
      .def("counts", &WordTraining::counts)
      .def("losses", &WordTraining::losses)
      .def("fasttext", [](const WordTraining& self) { return FastTextFile{self.fasttext()}; });
}

}  // namespace firth::python
