// Trace files, and all views of them.
#include "app/trace/reader.hpp"
#include "app/trace/views.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <sstream>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in{std::string{text_of(data, size)}};
  auto read = trace::read_trace(in, "fuzz");
  if (!read) {
    require(read.error().code == errc::unreadable_file && !read.error().message.empty(), "a refused trace is told");
    return 0;
  }
  const auto& m = *read;
  require(!m.messages.empty() && m.begin_ns <= m.end_ns, "a trace that is read has messages, in its time");
  for (const auto& x : m.messages)
    require(x.took_ns >= 0 && x.sent_ns <= x.begin_ns && x.from < m.actors.size() && x.to < m.actors.size(),
            "a message comes from somebody, to somebody, not before it was sent");
  for (const auto& x : m.requests)
    require(m.end_of(x) >= x.begin_ns || !x.end_ns, "a request ends after its begin");
  const trace::view_options terminal{80, false};
  auto views = trace::actors_view(m, terminal) + trace::table_view(m, "s", terminal).text
               + trace::sequence_view(m, "s", terminal).text + trace::mermaid_view(m, "s").text
               + trace::slowest_view(m, 5, terminal) + trace::gantt_view(m, 10, terminal)
               + trace::why_view(m, "surveys/1", terminal).text;
  require(std::none_of(views.begin(), views.end(),
                       [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }),
          "no control character reaches a terminal");
  auto page = trace::html_view(m, "fuzz");
  require(page.find("{{") == std::string::npos || page.find("{{data}}") == std::string::npos, "the page is filled in");
  return 0;
}
