// The plan as graphs, and as JSON.

#include "app/plan/view.hpp"
#include "config/language/datetime.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <vector>

namespace sluice {

namespace {

using strings = std::vector<std::string>;

/// Mermaid shows labels as HTML and has escapes of its own for what would end one.
std::string mermaid_label(const strings& lines) {
  std::string out;
  for (const auto& line : lines) {
    out += out.empty() ? "" : "<br/>";
    for (char c : line) {
      switch (c) {
        case '"':
          out += "#quot;";
          break;
        case '#':
          out += "#35;";
          break;
        case '<':
          out += "#lt;";
          break;
        case '>':
          out += "#gt;";
          break;
        case '&':
          out += "#amp;";
          break;
        case '`':
          out += "#96;";
          break;
        default:
          out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
      }
    }
  }
  return "\"" + out + "\"";
}

std::string dot_label(const strings& lines) {
  std::string out;
  for (const auto& line : lines) {
    out += out.empty() ? "" : "\\n";
    for (char c : line) {
      if (c == '"' || c == '\\')
        out += '\\';
      out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return "\"" + out + "\"";
}

strings endpoint_lines(const endpoint& e, const endpoint_estimate& x, const redactor& secrets) {
  auto path = e.request.path.source();
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  return {e.name, e.request.method + " /" + secrets.apply(path), "slices: " + text_of(x.slices),
          "requests: " + text_of(x.requests)};
}

std::string edge_text(const edge& x) {
  std::string key;
  for (const auto& part : x.parent_key)
    key += (key.empty() ? "" : ".") + part;
  return x.partition_field + " = " + key;
}

/// What is the same in both languages of graphs.
template <class Node, class Edge>
void draw(const plan_facts& facts, const plan_estimate& estimate, Node node, Edge arrow) {
  const auto& p = *facts.plan;
  for (const auto& e : p.endpoints)
    node("endpoint", "e" + std::to_string(e.id), endpoint_lines(e, estimate.endpoints[e.id], *facts.secrets));
  for (std::size_t s = 0; s < p.streams.size(); ++s)
    node("stream", "s" + std::to_string(s),
         strings{p.streams[s].name, p.streams[s].already_complete ? "complete already"
                                    : !p.streams[s].endpoint      ? "unknown to the source"
                                    : p.streams[s].incremental    ? "incremental"
                                                                  : "full refresh"});
  for (std::size_t q = 0; q < facts.policies.size(); ++q) {
    auto lines = limit_notes(facts, q);
    lines.insert(lines.begin(), facts.policies[q].gauge.policy);
    node("limit", "q" + std::to_string(q), lines);
  }
  for (const auto& x : p.edges)
    arrow("parent", "e" + std::to_string(x.parent), "e" + std::to_string(x.child), edge_text(x));
  for (std::size_t s = 0; s < p.streams.size(); ++s)
    if (p.streams[s].endpoint && !p.streams[s].already_complete)
      arrow("prints", "e" + std::to_string(*p.streams[s].endpoint), "s" + std::to_string(s), "");
  for (std::size_t q = 0; q < facts.policies.size(); ++q)
    for (const auto& e : p.endpoints)
      if (facts.weights[e.id][q] > 0 && !governs_all(facts, q)) // arrows to everything would hide all others
        arrow("governs", "q" + std::to_string(q), "e" + std::to_string(e.id), "");
}

std::string number_json(const estimated& x) {
  static constexpr const char* words[] = {"unknown", "at_least", "about", "exact"};
  return "{\"value\":" + (x.how == estimated::kind::unknown ? std::string{"null"} : std::to_string(x.value))
         + ",\"how\":\"" + words[static_cast<std::size_t>(x.how)] + "\"}";
}

/// A list of JSON texts.
std::string list_json(const strings& items) {
  std::string out;
  for (const auto& item : items)
    out += (out.empty() ? "" : ",") + item;
  return "[" + out + "]";
}

std::string moment_json(language::instant t) {
  return json_string(language::format_datetime(t, "%Y-%m-%dT%H:%M:%SZ").value_or(""));
}

std::string endpoint_json(const endpoint& e, const plan_facts& facts, const endpoint_estimate& x) {
  const auto& p = *facts.plan;
  strings streams;
  for (const auto& o : e.outputs)
    if (o.emit)
      streams.push_back(json_string(o.stream_name));
  strings parents;
  for (auto index : e.slices.feeding_edges()) {
    const auto& edge = p.edges[index];
    parents.push_back("{\"endpoint\":" + json_string(p.endpoints[edge.parent].name)
                      + ",\"stream\":" + json_string(parent_output_of(p, edge).stream_name)
                      + ",\"partition_field\":" + json_string(edge.partition_field) + "}");
  }
  strings governed;
  for (std::size_t q = 0; q < facts.policies.size(); ++q)
    if (auto weight = facts.weights[e.id][q]; weight > 0)
      governed.push_back("{\"policy\":" + json_string(facts.policies[q].gauge.policy)
                         + ",\"weight\":" + std::to_string(weight) + "}");
  auto credential = credential_name(p, e, *facts.secrets);
  if (!credential.empty())
    credential = ",\"credential\":" + json_string(credential);
  std::string json = "{\"name\":" + json_string(e.name) + ",\"request\":" + json_string(request_line(e, *facts.secrets))
                     + credential + ",\"parent\":" + (parents.empty() ? "null" : parents.front());
  if (parents.size() > 1)
    json += ",\"parents\":" + list_json(parents);
  json += ",\"streams\":" + list_json(streams) + ",\"slices\":" + number_json(x.slices)
          + ",\"slices_from\":" + json_string(x.slices_from);
  const auto& windows = facts.windows[e.id];
  if (e.cursor && !windows.empty())
    json += ",\"range\":[" + moment_json(windows.front().lower) + "," + moment_json(windows.back().upper) + "]";
  return json + ",\"requests\":" + number_json(x.requests) + ",\"requests_from\":" + json_string(x.requests_from)
         + ",\"governed_by\":" + list_json(governed) + "}";
}

} // namespace

std::string plan_mermaid(const plan_facts& facts, const plan_estimate& estimate) {
  std::string out = "flowchart LR\n";
  draw(
    facts, estimate,
    [&](std::string_view kind, const std::string& id, const strings& lines) {
      auto label = mermaid_label(lines);
      out += "  " + id
             + (kind == "endpoint" ? "[" + label + "]"
                : kind == "stream" ? "([" + label + "])"
                                   : "{{" + label + "}}")
             + "\n";
    },
    [&](std::string_view kind, const std::string& from, const std::string& to, const std::string& text) {
      out += "  " + from + (kind == "governs" ? " -.- " : " --> ")
             + (text.empty() ? "" : "|" + mermaid_label({text}) + "| ") + to + "\n";
    });
  return out;
}

std::string plan_dot(const plan_facts& facts, const plan_estimate& estimate) {
  std::string out = "digraph plan {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11];\n"
                    "  edge [fontname=\"sans-serif\", fontsize=10];\n";
  draw(
    facts, estimate,
    [&](std::string_view kind, const std::string& id, const strings& lines) {
      out += "  " + id + " [label=" + dot_label(lines)
             + (kind == "endpoint" ? ", shape=box"
                : kind == "stream" ? ", shape=ellipse, style=filled, fillcolor=\"#e8f0fe\""
                                   : ", shape=note, style=filled, fillcolor=\"#fef3e0\"")
             + "];\n";
    },
    [&](std::string_view kind, const std::string& from, const std::string& to, const std::string& text) {
      out += "  " + from + " -> " + to + (text.empty() ? "" : " [label=" + dot_label({text}) + "]")
             + (kind == "governs" ? " [style=dotted, arrowhead=none, constraint=false]" : "") + ";\n";
    });
  return out + "}\n";
}

std::string plan_json(const plan_facts& facts, const plan_estimate& estimate) {
  const auto& p = *facts.plan;
  strings endpoints;
  for (const auto& e : p.endpoints)
    endpoints.push_back(endpoint_json(e, facts, estimate.endpoints[e.id]));
  strings streams;
  for (const auto& s : p.streams)
    streams.push_back("{\"name\":" + json_string(s.name)
                      + ",\"endpoint\":" + (s.endpoint ? json_string(p.endpoints[*s.endpoint].name) : "null")
                      + ",\"incremental\":" + (s.incremental ? "true" : "false")
                      + ",\"already_complete\":" + (s.already_complete ? "true" : "false") + "}");
  strings policies;
  for (const auto& x : facts.policies)
    policies.push_back(
      "{\"policy\":" + json_string(x.gauge.policy) + ",\"limit\":" + std::to_string(x.gauge.limit)
      + ",\"window_us\":" + std::to_string(x.gauge.window_us) + ",\"used\":" + std::to_string(x.gauge.used)
      + ",\"reported_by_server\":" + (x.gauge.reported_by_server ? "true" : "false") + ",\"in_force\":"
      + (x.not_in_force ? "false" : "true") + ",\"ends_run\":" + (x.ends_run ? "true" : "false") + "}");
  strings assumptions;
  for (const auto& a : estimate.assumptions)
    assumptions.push_back(json_string(a));
  return "{\"endpoints\":" + list_json(endpoints) + ",\"streams\":" + list_json(streams)
         + ",\"policies\":" + list_json(policies) + ",\"pool_size\":" + std::to_string(facts.pool_size)
         + ",\"requests\":" + number_json(estimate.requests)
         + ",\"time_us\":" + (estimate.time ? std::to_string(estimate.time->count()) : "null")
         + ",\"bound\":" + json_string(estimate.bound) + ",\"ended_by\":" + json_string(estimate.ended_by)
         + ",\"runs\":" + std::to_string(estimate.runs) + ",\"probes_sent\":" + std::to_string(facts.probes_sent)
         + ",\"mean_answer_us\":" + (facts.mean_answer ? std::to_string(facts.mean_answer->count()) : "null")
         + ",\"assumptions\":" + list_json(assumptions) + "}\n";
}

} // namespace sluice
