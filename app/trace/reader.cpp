#include "app/trace/reader.hpp"

#include "app/trace/event_reader.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace sluice::trace {

namespace {

/// Far more than any event needs; longer lines are not looked at.
constexpr std::size_t longest_line = std::size_t{16} << 20;

/// Calls `take` for each line without its end. Lines that are too long come empty of sense: as one that is no event.
template <class Take>
void for_each_line(std::istream& in, Take take) {
  std::vector<char> buffer(std::size_t{1} << 20);
  std::string pending;
  bool too_long = false;
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    std::string_view rest{buffer.data(), static_cast<std::size_t>(in.gcount())};
    while (!rest.empty()) {
      auto at = rest.find('\n');
      auto part = rest.substr(0, at);
      if (pending.size() + part.size() > longest_line) {
        too_long = true;
        pending = "too long";
      } else if (!too_long) {
        pending += part;
      }
      if (at == std::string_view::npos)
        break;
      rest.remove_prefix(at + 1);
      take(pending);
      pending.clear();
      too_long = false;
    }
  }
  if (!pending.empty())
    take(pending);
}

} // namespace

expected<model> read_trace(std::istream& in, const std::string& name) {
  event_reader reader;
  for_each_line(in, [&reader](std::string_view line) { reader.take(line); });
  if (in.bad())
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + name + " cannot be read to its end: " + std::strerror(errno) + ".");
  auto result = reader.finish();
  if (!result.messages.empty())
    return result;
  if (result.head && !result.head->filter.empty())
    return fail(errc::unreadable_file, failure_type::config_error,
                name + " holds no message: the filter '" + result.head->filter
                  + "' let none through. Make it wider, or leave it out.");
  return fail(errc::unreadable_file, failure_type::config_error,
              name + " holds no message trace. Make one with: sluice read ... --trace FILE");
}

expected<model> load_trace(const std::string& path) {
  // A device may have no end.
  std::error_code unknown;
  if (std::filesystem::is_character_file(path, unknown))
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + path + " is a device. Name a file that --trace wrote.");
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + path + " cannot be read: " + std::strerror(errno) + ".");
  return read_trace(in, path);
}

} // namespace sluice::trace
