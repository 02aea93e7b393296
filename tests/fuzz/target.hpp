#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// What the fuzz targets share. A target is one file in `targets/` with libFuzzer's entry; its name is the file's.
/// libFuzzer calls it with inputs that it evolves (`./run fuzz`), `test_fuzz` with the corpus and mutations of it.
namespace sluice::fuzz {

/// Ends the process with a message if an invariant does not hold: every fuzzer knows what to do with a crash.
void require(bool holds, std::string_view what);

/// The input as text.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The `count` parts of an input, which lines of `%%` separate. Parts that are not there are empty; the last one holds
/// the rest.
std::vector<std::string_view> sections(std::string_view input, std::size_t count);

/// Takes the first byte as a number below `bound`; 0 if there is none. Digits stand for themselves, for corpora that
/// people can read.
std::size_t take_choice(std::string_view& input, std::size_t bound);

/// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

} // namespace sluice::fuzz
