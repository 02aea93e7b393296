#pragma once

#include <string>

/// Paths that only the build knows. Functions of one source, not macros for all: with a path on each command line,
/// ccache could not use again in one checkout what it compiled in another.
namespace sluice::test {

/// Root of the checkout, without a slash at its end.
std::string source_directory();

/// The program under test. Only programs that depend on the target `sluice` may rely on it.
std::string sluice_binary();

} // namespace sluice::test
