#include "app/cli/declare.hpp"

namespace sluice::cli {

namespace {

const choices<trace_form> form_names{
  {"table", trace_form::table}, {"sequence", trace_form::sequence}, {"mermaid", trace_form::mermaid}};

constexpr std::uint64_t most_rows = 1'000'000;

std::string refuse_empty(const std::string& text) {
  return text.empty() ? "it is empty" : std::string{};
}

} // namespace

void declare_trace_show(options& to, command_line& cl) {
  to.argument("FILE", cl.trace_file, "File that --trace wrote").required();
  auto views = to.at_most_one_of("What to show");
  views.flag(
    "--actors", [] {}, "Who was busy, who waited for whom, and the same for each type of message: the default");
  const auto slice
    = views.text("--slice", cl.trace_slice, "The messages of slices whose name contains this text", "TEXT")
        .refuse(refuse_empty);
  views.number("--slowest", cl.trace_slowest, "The N slowest requests, longest handlers and waits in mailboxes")
    .between(1, most_rows);
  const auto gantt = views.flag("--gantt", cl.trace_gantt, "Slices over time, as wide as the terminal");
  views
    .text("--why", cl.trace_record,
          "Where a record came from, and which STATE covers it: name of its stream, primary key", "STREAM/KEY")
    .refuse([](const std::string& text) {
      auto slash = text.find('/');
      bool whole = slash != std::string::npos && slash > 0 && slash + 1 < text.size();
      return whole ? std::string{} : "'" + text + "' is no STREAM/KEY: write surveys/123";
    });
  views.text("--html", cl.trace_html, "Write all of it as one page for a browser, which needs no network", "OUT")
    .refuse(refuse_empty);
  to.choice("--as", cl.trace_as, form_names, "Form of --slice: a table (default), a chart, or Mermaid text")
    .needs(slice);
  to.number("--limit", cl.trace_rows,
            "Rows of --gantt: slices that failed or have no end first, then those that took longest")
    .between(1, most_rows)
    .fallback("40")
    .needs(gantt);
}

} // namespace sluice::cli
