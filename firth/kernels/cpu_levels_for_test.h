// A test fixture that runs once for each CPU level. A level that the machine lacks is skipped and
// says so, never silently passed.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "firth/kernels/cpu.h"

namespace firth {

class CpuLevelTest : public testing::TestWithParam<CpuLevel> {
 protected:
  void SetUp() override {
    before_ = cpu_level();
    if (GetParam() > machine_cpu_level()) {
      GTEST_SKIP() << cpu_level_name(GetParam()) << ": not on this machine";
    }
    set_cpu_level(GetParam());
  }

  void TearDown() override { set_cpu_level(before_); }

 private:
  CpuLevel before_ = CpuLevel::kScalar;
};

}  // namespace firth

#define FIRTH_INSTANTIATE_CPU_LEVELS(fixture)                                                 \
  INSTANTIATE_TEST_SUITE_P(                                                                   \
      Level, fixture,                                                                         \
      testing::Values(CpuLevel::kScalar, CpuLevel::kAvx2, CpuLevel::kAvx512, CpuLevel::kVnni, \
                      CpuLevel::kAmx),                                                        \
      [](const auto& param) { return std::string(::firth::cpu_level_name(param.param)); })
