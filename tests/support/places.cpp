#include "tests/support/places.hpp"

namespace sluice::test {

std::string source_directory() {
  return SLUICE_SOURCE_DIR;
}

std::string sluice_binary() {
  return SLUICE_BINARY;
}

} // namespace sluice::test
