#include "firth/kernels/self_check.h"

#include <gtest/gtest.h>

#include "firth/core/error.h"
#include "firth/kernels/cpu_levels_for_test.h"

namespace firth {
namespace {

class SelfTestTest : public CpuLevelTest {};

FIRTH_INSTANTIATE_CPU_LEVELS(SelfTestTest);

TEST_P(SelfTestTest, PassesAndRestoresTheLevel) {
  std::string what;
  EXPECT_TRUE(kernels_self_test(GetParam(), &what)) << what;
  EXPECT_EQ(cpu_level(), GetParam());
}

TEST_P(SelfTestTest, KeepsALevelThatAgrees) {
  EXPECT_EQ(lower_faulty_level(CpuLevel::kScalar), "");
  EXPECT_EQ(cpu_level(), GetParam());
}

TEST(SelfTest, RefusesALevelThatTheMachineLacks) {
  if (machine_cpu_level() == CpuLevel::kAmx) GTEST_SKIP() << "this machine has every level";
  std::string what;
  EXPECT_THROW(kernels_self_test(CpuLevel::kAmx, &what), Error);
}

}  // namespace
}  // namespace firth
