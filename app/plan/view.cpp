#include "app/plan/view.hpp"

#include "app/text/numbers.hpp"
#include "app/text/tables.hpp"
#include "config/language/datetime.hpp"
#include "messages/text/durations.hpp"

#include <algorithm>

namespace sluice {

namespace {

constexpr std::size_t page_width = 100;

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (const auto& part : parts)
    result += (result.empty() ? "" : std::string{separator}) + part;
  return result;
}

std::string moment_text(language::instant t) {
  return language::format_datetime(t, "%Y-%m-%dT%H:%M:%SZ").value_or("?");
}

/// `name  text`, with the text in lines below each other.
void add(std::string& out, const std::string& name, const std::string& text) {
  constexpr std::size_t indent = 14;
  bool first = true;
  for (const auto& line : wrap(text, page_width - indent)) {
    auto head = "  " + (first ? name : std::string{});
    head.resize(std::max(indent, head.size() + 1), ' ');
    out += head + line + "\n";
    first = false;
  }
}

std::string with_reason(const std::string& text, const std::string& reason) {
  return reason.empty() ? text : text + " (" + reason + ")";
}

std::string prints_text(const endpoint& e, const plan& p) {
  std::vector<std::string> names;
  for (const auto& o : e.outputs)
    if (o.emit)
      names.push_back(o.stream_name + (p.streams[o.stream].incremental ? " (incremental)" : ""));
  if (names.empty())
    return "nothing: it is read for the streams below only";
  return join(names, ", ") + (names.size() > 1 ? ": one request serves them all" : "");
}

std::string feeds_text(const endpoint& e, const plan& p) {
  std::vector<std::string> names;
  for (auto i : e.child_edges)
    names.push_back(p.endpoints[p.edges[i].child].name);
  return join(names, ", ") + (names.size() > 1 ? ": its records are read once for all of them" : "");
}

std::string slices_text(const endpoint& e, const plan_facts& facts, const endpoint_estimate& x) {
  auto text = with_reason(text_of(x.slices), x.slices_from);
  const auto& windows = facts.windows[e.id];
  if (e.slices.has_partitions() || !e.slices.has_windows() || windows.empty() || e.cursor->counts)
    return text;
  text += ", " + moment_text(windows.front().lower) + " to " + moment_text(windows.back().upper);
  if (const auto for_children = windows.children_only(); for_children > 0)
    text += "; the state covers " + count_text(for_children)
            + " of them, which are read for the streams below and not printed again";
  return text;
}

std::string governed_by(const endpoint& e, const plan_facts& facts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < facts.policies.size(); ++i)
    if (auto weight = facts.weights[e.id][i]; weight > 0)
      names.push_back(facts.policies[i].gauge.policy
                      + (weight > 1 ? ", as " + std::to_string(weight) + " requests" : std::string{}));
  return names.empty() ? "no limit" : join(names, " and ");
}

std::string state_text(const planned_stream& s, const plan_facts& facts) {
  if (s.already_complete)
    return "complete already: nothing is requested for it";
  if (s.refusal)
    return "cannot be read: " + s.refusal->message;
  if (!s.endpoint)
    return "unknown to the source: it is not synced";
  const auto& e = facts.plan->endpoints[*s.endpoint];
  if (s.initial_state.empty() || s.initial_state == "{}")
    return "from the start";
  if (s.begins_anew)
    return "from the start: its state does not count";
  if (!s.incremental && e.cursor)
    return "from the start: a full refresh does not use its state";
  return "continues from its state";
}

std::string time_text(const plan_facts& facts, const plan_estimate& x) {
  if (x.requests.value == 0 && x.requests.known())
    return "none: nothing is requested";
  const bool more = !x.requests.known();
  std::string text;
  if (more && !x.time)
    text = "unknown, because the number of requests is";
  else if (!x.time)
    text = "unknown"
           + std::string{facts.mean_answer ? "" : ": no quota bounds it; --probe measures how long answers take"};
  else
    text = (more ? "at least " : "about ") + duration_text(x.time->count()) + ", as " + x.bound + " allows";
  if (facts.mean_answer)
    text += "; an answer took " + duration_text(facts.mean_answer->count()) + " on average";
  else if (x.turning_point)
    text += "; as long as answers take less than " + duration_text(x.turning_point->count())
            + " on average, the quotas decide, then the pool of " + std::to_string(facts.pool_size);
  return text;
}

void describe_endpoint(const endpoint& e, const plan_facts& facts, const endpoint_estimate& x, std::string& out) {
  const auto& p = *facts.plan;
  out += e.name + "\n";
  add(out, "request", request_line(e, *facts.secrets));
  if (const auto name = credential_name(p, e, *facts.secrets); !name.empty())
    add(out, "credential", name);
  for (auto index : e.slices.feeding_edges()) {
    const auto& edge = p.edges[index];
    add(out, "for each",
        "record of " + parent_output_of(p, edge).stream_name + ", with " + edge.partition_field + " = its "
          + join(edge.parent_key, "."));
  }
  for (const auto& factor : other_factors(e.slices))
    add(out, "for each", factor);
  add(out, "prints", prints_text(e, p));
  if (!e.child_edges.empty())
    add(out, "feeds", feeds_text(e, p));
  add(out, "slices", slices_text(e, facts, x));
  add(out, "requests", with_reason(text_of(x.requests), x.requests_from));
  add(out, "governed by", governed_by(e, facts));
}

/// The endpoints as a tree, parents first; each with the streams that are printed from its pages.
void draw_tree(const endpoint& e, const plan& p, const std::string& indent, bool utf8, std::string& out) {
  std::vector<std::string> names;
  for (const auto& o : e.outputs)
    if (o.emit)
      names.push_back(o.stream_name);
  out += e.name + (names.size() > 1 ? " (" + join(names, ", ") + ")" : names.empty() ? " (not printed)" : "") + "\n";
  for (std::size_t i = 0; i < e.child_edges.size(); ++i) {
    bool last = i + 1 == e.child_edges.size();
    out += indent + (!utf8 ? "+- " : last ? "└─ " : "├─ ");
    draw_tree(p.endpoints[p.edges[e.child_edges[i]].child], p,
              indent
                + (last   ? "   "
                   : utf8 ? "│  "
                          : "|  "),
              utf8, out);
  }
}

std::string period_text(std::int64_t us) {
  switch (us) {
    case 60'000'000:
      return "minute";
    case 3'600'000'000:
      return "hour";
    case 86'400'000'000:
      return "day";
    default:
      return duration_text(us);
  }
}

std::string streams_table(const plan_facts& facts) {
  text_table t;
  t.columns = {{"stream", false}, {"pages of", false}, {"mode", false}, {"state", false}};
  t.utf8 = true;
  for (const auto& s : facts.plan->streams)
    t.rows.push_back({{s.name},
                      {s.endpoint ? facts.plan->endpoints[*s.endpoint].name : "-"},
                      {s.incremental ? "incremental" : "full refresh"},
                      {state_text(s, facts)}});
  std::string out;
  for (const auto& line : t.lines(page_width))
    out += rendered(line, false) + "\n";
  return out;
}

} // namespace

std::string request_line(const endpoint& e, const redactor& secrets) {
  auto base = e.request.url_base;
  auto path = e.request.path.source();
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  if (!path.empty() && !base.empty() && base.back() != '/')
    base += '/';
  return secrets.apply(e.request.method + " " + base + path);
}

std::string credential_name(const plan& p, const endpoint& e, const redactor& secrets) {
  const auto* expiring = std::get_if<expiring_credential>(&e.request.credential);
  return expiring != nullptr ? secrets.apply(p.credentials[expiring->id].name) : std::string{};
}

std::vector<std::string> limit_notes(const plan_facts& facts, std::size_t policy) {
  const auto& x = facts.policies[policy];
  std::vector<std::string> notes;
  for (const auto& r : x.rates)
    notes.push_back(count_text(r.limit) + " per " + period_text(r.interval.count()));
  if (governs_all(facts, policy))
    notes.emplace_back("all requests");
  if (x.gauge.reported_by_server)
    notes.push_back(count_text(x.gauge.used) + " used, as the server reports");
  if (x.not_in_force)
    notes.emplace_back("once the server reports it");
  if (x.ends_run)
    notes.emplace_back("ends the run when it is used up");
  return notes;
}

bool governs_all(const plan_facts& facts, std::size_t policy) {
  return std::all_of(facts.weights.begin(), facts.weights.end(), [policy](const auto& w) { return w[policy] == 1; });
}

std::string plan_text(const plan_facts& facts, const plan_estimate& estimate, bool utf8) {
  const auto& p = *facts.plan;
  std::string out = "endpoints\n";
  for (const auto& e : p.endpoints)
    if (!e.slices.has_parents()) {
      out += "  ";
      draw_tree(e, p, "  ", utf8, out);
    }
  out += "\n";
  for (const auto& e : p.endpoints) {
    describe_endpoint(e, facts, estimate.endpoints[e.id], out);
    out += "\n";
  }
  out += streams_table(facts) + "\n";
  out += "limits\n";
  for (std::size_t i = 0; i < facts.policies.size(); ++i)
    add(out, facts.policies[i].gauge.policy, join(limit_notes(facts, i), "; "));
  if (facts.policies.empty())
    add(out, "none", "the connector declares no budget");
  add(out, "pool", std::to_string(facts.pool_size) + " requests at once");
  out += "\nexpected\n";
  const auto known = estimate.requests;
  add(out, "requests",
      text_of(known)
        + (known.how == estimated::kind::at_least && facts.probes.empty()
             ? "; --probe sends one request for each endpoint to find out more"
             : ""));
  add(out, "time", time_text(facts, estimate));
  if (!estimate.ended_by.empty())
    add(out, "runs",
        "about " + count_text(estimate.runs) + ": the quota \"" + estimate.ended_by
          + "\" is used up before everything is read; each run then ends with exit code 3, and the next "
            "one goes on from its state");
  if (!facts.probes.empty())
    add(out, "probe",
        count_text(facts.probes_sent) + (facts.probes_sent == 1 ? " request was" : " requests were")
          + " sent to find this out; the quota counts that");
  for (const auto& a : estimate.assumptions)
    add(out, &a == &estimate.assumptions.front() ? "assumes" : "", a);
  // Names come from the manifest.
  std::string shown;
  for (std::size_t at = 0; at < out.size();) {
    auto end = std::min(out.find('\n', at), out.size());
    shown += printable(std::string_view{out}.substr(at, end - at), utf8) + "\n";
    at = end + 1;
  }
  return shown;
}

} // namespace sluice
