#include "config/manifest/compile.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>

namespace sluice {

namespace {

std::string duration_text(const language::duration& x) {
  std::string result = x.months != 0 ? std::to_string(x.months) + " months" : std::string{};
  if (x.exact.count() != 0 || x.months == 0)
    result += (result.empty() ? "" : " ") + exact_duration_text(x.exact);
  return result;
}

std::string moment_text(language::instant t) {
  auto text = language::format_datetime(t, "%Y-%m-%dT%H:%M:%SZ");
  return text ? *text : "?";
}

std::string request_text(const request_template& r) {
  std::string result = r.method + " " + r.url_base + r.path.source();
  char separator = '?';
  for (const auto& p : r.parameters) {
    result += separator + p.name + "=" + p.value.source();
    separator = '&';
  }
  return result;
}

std::string option_text(const request_option& x) {
  std::string result = x.into == inject_into::header      ? "header "
                       : x.into == inject_into::parameter ? "parameter "
                                                          : "body field ";
  result += x.name;
  for (const auto& key : x.inner)
    result += "." + key;
  return result;
}

void describe_pages(const pagination& x, std::string& out) {
  const auto how = std::visit([](const auto& s) { return s.description(); }, x.strategy);
  if (how.empty())
    return;
  out += "  pages: " + how;
  out += x.token_is_url ? ", a URL" : x.token_option ? ", as " + option_text(*x.token_option) : "";
  if (x.page_size && x.page_size_option)
    out += "; " + std::to_string(*x.page_size) + " records a page as " + option_text(*x.page_size_option);
  out += '\n';
}

std::string_view period_text(window_clamp::period x) {
  return x == window_clamp::period::day ? "days" : x == window_clamp::period::week ? "weeks" : "months";
}

void describe_cursor(const datetime_cursor& x, std::string& out) {
  if (x.counts)
    out += "  numbers: " + x.cursor_field + " from " + std::to_string(x.start.time_since_epoch().count());
  else
    out += "  windows: " + x.cursor_field + " from " + moment_text(x.start) + " to " + moment_text(x.end);
  if (x.step)
    out += ", " + duration_text(*x.step) + " each";
  if (x.clamp)
    out += ", clamped to whole " + std::string{period_text(x.clamp->target)};
  if (x.is_feed)
    out += ", a feed that is read until it is known";
  if (x.start_option)
    out += ", begin as " + option_text(*x.start_option);
  if (x.end_option)
    out += ", end as " + option_text(*x.end_option);
  out += '\n';
}

void describe_output(const output& x, const plan& p, std::string& out) {
  out += "  " + std::string{x.emit ? "stream " : "for children only: "} + x.stream_name + ", records at "
         + (x.record_path.empty() ? "the whole body" : dotted(x.record_path));
  if (x.expansion)
    out += ", the elements of their " + dotted(x.expansion->path);
  for (const auto& field : x.ancestors)
    out += ", with " + field.name + " = " + dotted(field.from);
  for (const auto& step : x.steps)
    out += ", " + std::visit([](const auto& s) { return s.description(); }, step);
  if (x.emit)
    out += p.streams[x.stream].incremental ? " (incremental)" : " (full refresh)";
  out += '\n';
}

void describe_policy(const rate_policy& x, std::string& out) {
  out += "budget " + x.name + ":";
  for (const auto& r : x.rates)
    out += " " + std::to_string(r.limit) + " per " + exact_duration_text(r.interval);
  out += x.what == rate_policy::kind::moving_window  ? ", moving window"
         : x.what == rate_policy::kind::fixed_window ? ", fixed window"
                                                     : " none, nor any budget below";
  if (x.matchers.empty())
    out += ", all requests";
  else
    out += ", requests of " + std::to_string(x.matchers.size()) + " matchers";
  if (x.only_when_reported)
    out += ", once the server reports it";
  if (x.stop_when_exhausted)
    out += ", stops the run when used up";
  out += '\n';
}

} // namespace

std::string describe_plan(const plan& p) {
  std::string out;
  for (const auto& e : p.endpoints) {
    out += "endpoint " + std::to_string(e.id) + " " + e.name + " (depth " + std::to_string(e.depth) + ")\n";
    out += "  " + request_text(e.request) + '\n';
    if (const auto* expiring = std::get_if<expiring_credential>(&e.request.credential))
      out += "  with the credential: " + p.credentials[expiring->id].name + '\n';
    for (auto index : e.slices.feeding_edges()) {
      const auto& edge = p.edges[index];
      out += "  once for each record of endpoint " + std::to_string(edge.parent) + " ("
             + parent_output_of(p, edge).stream_name + "): " + edge.partition_field + " = " + dotted(edge.parent_key)
             + '\n';
    }
    for (const auto& factor : other_factors(e.slices))
      out += "  once for each " + factor + '\n';
    if (e.cursor)
      describe_cursor(*e.cursor, out);
    describe_pages(e.pages, out);
    for (const auto& o : e.outputs)
      describe_output(o, p, out);
  }
  for (const auto& s : p.streams)
    if (s.refusal)
      out += "stream " + s.name + " cannot be read: " + s.refusal->message + '\n';
    else if (!s.endpoint)
      out += "stream " + s.name + " is not known to the source\n";
  for (const auto& policy : p.budget.policies)
    describe_policy(policy, out);
  if (p.concurrency)
    out += "concurrency: " + std::to_string(*p.concurrency) + '\n';
  return out;
}

} // namespace sluice
