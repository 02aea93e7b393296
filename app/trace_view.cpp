#include "app/trace_view.hpp"

#include "app/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

namespace sluice {

namespace {

expected<trace_line> parse_line(simdjson::dom::parser& parser, const std::string& text) {
  simdjson::dom::element doc;
  if (parser.parse(text).get(doc) != simdjson::SUCCESS)
    return fail(errc::unreadable_file, failure_type::config_error, "not JSON");
  trace_line line;
  auto number = [&](const char* key) {
    std::int64_t value = 0;
    return doc[key].get(value) == simdjson::SUCCESS ? value : 0;
  };
  auto words = [&](const char* key) {
    std::string_view value;
    return doc[key].get(value) == simdjson::SUCCESS ? std::string{value} : std::string{};
  };
  line.sent_us = number("sent_us");
  line.handled_us = number("handled_us");
  line.took_ns = number("took_ns");
  line.from = words("from");
  line.from_id = static_cast<std::uint64_t>(number("from_id"));
  line.to = words("to");
  line.to_id = static_cast<std::uint64_t>(number("to_id"));
  line.message = words("message");
  line.slice = words("slice");
  line.page = static_cast<std::uint64_t>(number("page"));
  if (line.to.empty() || line.message.empty())
    return fail(errc::unreadable_file, failure_type::config_error, "not a trace line");
  return line;
}

/// The q-th part of sorted values.
std::int64_t quantile(const std::vector<std::int64_t>& sorted, double q) {
  auto at = static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1));
  return sorted[at];
}

} // namespace

expected<trace_view> load_trace(const std::string& path) {
  std::ifstream in{path};
  if (!in)
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + path + " cannot be read: " + std::strerror(errno) + ".");
  trace_view result;
  simdjson::dom::parser parser;
  std::string text;
  while (std::getline(in, text)) {
    if (auto line = parse_line(parser, text))
      result.lines.push_back(std::move(*line));
    else
      ++result.unreadable;
  }
  if (result.lines.empty())
    return fail(errc::unreadable_file, failure_type::config_error,
                path + " holds no message trace. Make one with: sluice read ... --trace FILE");
  std::stable_sort(result.lines.begin(), result.lines.end(),
                   [](const trace_line& a, const trace_line& b) { return a.handled_us < b.handled_us; });
  return result;
}

std::string trace_by_actor(const trace_view& t) {
  struct numbers {
    std::vector<std::int64_t> waited_us;
    std::int64_t took_ns = 0;
  };
  std::map<std::pair<std::string, std::string>, numbers> rows;
  for (const auto& line : t.lines) {
    auto& row = rows[{line.to, line.message}];
    row.waited_us.push_back(std::max<std::int64_t>(0, line.handled_us - line.sent_us));
    row.took_ns += line.took_ns;
  }
  char text[200];
  std::string result;
  std::snprintf(text, sizeof text, "%-18s %-18s %9s %12s %12s %12s %12s\n", "actor", "message", "count", "waited p50",
                "waited p99", "handled avg", "handled sum");
  result += text;
  for (auto& [key, row] : rows) {
    std::sort(row.waited_us.begin(), row.waited_us.end());
    auto count = row.waited_us.size();
    std::snprintf(text, sizeof text, "%-18s %-18s %9s %9lld us %9lld us %9lld us %9lld ms\n", key.first.c_str(),
                  key.second.c_str(), count_text(count).c_str(), static_cast<long long>(quantile(row.waited_us, 0.5)),
                  static_cast<long long>(quantile(row.waited_us, 0.99)),
                  static_cast<long long>(row.took_ns / 1000 / static_cast<std::int64_t>(count)),
                  static_cast<long long>(row.took_ns / 1'000'000));
    result += text;
  }
  if (t.unreadable > 0)
    result += std::to_string(t.unreadable) + " lines are no trace lines; the last one is torn if the run was killed.\n";
  return result;
}

std::string trace_of_slice(const trace_view& t, std::string_view text) {
  std::string result;
  auto begin = t.lines.front().handled_us;
  for (const auto& line : t.lines) {
    if (line.slice.find(text) == std::string::npos)
      continue;
    char row[400];
    std::snprintf(row, sizeof row, "%10.3f ms  %-12s %5llu -> %-16s %5llu  %-14s page %-4llu %s\n",
                  static_cast<double>(line.handled_us - begin) / 1000, line.from.c_str(),
                  static_cast<unsigned long long>(line.from_id), line.to.c_str(),
                  static_cast<unsigned long long>(line.to_id), line.message.c_str(),
                  static_cast<unsigned long long>(line.page), line.slice.c_str());
    result += row;
  }
  if (result.empty())
    result = "No message of this trace belongs to a slice whose name contains \"" + std::string{text} + "\".\n";
  return result;
}

} // namespace sluice
