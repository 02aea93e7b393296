#pragma once

#include <rapidcheck.h>

#include <string>

namespace sluice::test {

/// Strings of random bytes, mostly not UTF-8. (RapidCheck's own strings are mostly ASCII.)
inline rc::Gen<std::string> random_bytes() {
  return rc::gen::container<std::string>(
    rc::gen::map(rc::gen::inRange(0, 256), [](int x) { return static_cast<char>(x); }));
}

/// Strings of RapidCheck's taste or of random bytes.
inline rc::Gen<std::string> random_text() {
  return rc::gen::oneOf(rc::gen::arbitrary<std::string>(), random_bytes());
}

/// `text` with a few bytes changed, dropped, doubled or cut off: almost valid input.
inline rc::Gen<std::string> mutations_of(std::string text) {
  return rc::gen::exec([text = std::move(text)] {
    auto result = text;
    auto steps = *rc::gen::inRange(1, 6);
    for (auto i = 0; i < steps && !result.empty(); ++i) {
      auto size = static_cast<int>(result.size());
      auto from = static_cast<std::size_t>(*rc::gen::inRange(0, size));
      auto length = static_cast<std::size_t>(*rc::gen::inRange(1, 9));
      switch (*rc::gen::inRange(0, 5)) {
        case 0:
          result[from] = static_cast<char>(*rc::gen::inRange(0, 256));
          break;
        case 1:
          result.erase(from, length);
          break;
        case 2:
          result.insert(from, result.substr(from, length));
          break;
        case 3:
          result.resize(from);
          break;
        default:
          result[from] = *rc::gen::elementOf(std::string{"{}[]\",:0-1.eEntf \n#&*!|>%@`"});
      }
    }
    return result;
  });
}

} // namespace sluice::test
