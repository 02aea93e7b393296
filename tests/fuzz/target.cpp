#include "tests/fuzz/target.hpp"

#include <cstdio>
#include <cstdlib>

namespace sluice::fuzz {

void require(bool holds, std::string_view what) {
  if (holds)
    return;
  std::fprintf(stderr, "an invariant does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::vector<std::string_view> sections(std::string_view input, std::size_t count) {
  constexpr std::string_view separator = "\n%%\n";
  std::vector<std::string_view> result;
  while (result.size() + 1 < count) {
    auto at = input.find(separator);
    result.push_back(input.substr(0, at));
    input = at == std::string_view::npos ? std::string_view{} : input.substr(at + separator.size());
  }
  result.push_back(input);
  return result;
}

std::size_t take_choice(std::string_view& input, std::size_t bound) {
  if (input.empty())
    return 0;
  auto byte = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  return (byte >= '0' && byte <= '9' ? byte - '0' : byte) % bound;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
    result.push_back(line);
  }
  return result;
}

} // namespace sluice::fuzz
