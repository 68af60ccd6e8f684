#include "firth/kernels/cpu.h"

#include <gtest/gtest.h>

namespace firth {
namespace {

TEST(Cpu, LevelInUseNeverExceedsTheMachine) {
  const CpuLevel before = cpu_level();
  EXPECT_LE(before, machine_cpu_level());
  for (const CpuLevel asked : {CpuLevel::kScalar, CpuLevel::kAvx2, CpuLevel::kAmx}) {
    set_cpu_level(asked);
    EXPECT_EQ(cpu_level(), std::min(asked, machine_cpu_level()));
  }
  set_cpu_level(before);
}

TEST(Cpu, NamesItsLevelsAndTheModel) {
  EXPECT_EQ(cpu_level_name(CpuLevel::kScalar), "scalar");
  EXPECT_EQ(cpu_level_name(CpuLevel::kAmx), "amx");
  EXPECT_FALSE(cpu_model_name().empty());
}

}  // namespace
}  // namespace firth
