#include "app/simulator/control.hpp"

#include "app/simulator/json_text.hpp"
#include "app/simulator/query.hpp"
#include "app/simulator/rules.hpp"

namespace sluice::simulator {

std::optional<api_answer> control_answer(std::string_view target, const account& a, const statistics& numbers,
                                         const std::vector<request_record>& log) {
  auto parts = parse_target(target);
  const auto& path = parts.segments;
  if (path.empty() || path[0] != "simulator")
    return std::nullopt;
  api_answer result;
  if (path.size() == 2 && path[1] == "statistics") {
    object_writer body{result.body};
    body.number("requests", numbers.requests);
    body.number("faults", numbers.faults);
    body.number("refused", numbers.refused);
    body.number("changes", a.changes());
    body.number("body_bytes", numbers.body_bytes);
    body.key("by_endpoint");
    object_writer endpoints{result.body};
    for (const auto& [name, requests] : numbers.by_endpoint)
      endpoints.number(name, requests);
    endpoints.close();
    body.close();
    return result;
  }
  if (path.size() == 2 && path[1] == "requests") {
    result.content_type = "text/plain";
    for (const auto& r : log)
      result.body += std::to_string(r.arrived.count()) + " " + std::to_string(r.finished.count()) + " "
                     + std::to_string(r.status) + "\n";
    return result;
  }
  auto since = parse_number<std::uint64_t>(parts.parameter("since").value_or("0"));
  if (path.size() != 3 || path[1] != "lasting" || !since)
    return error_answer(1020);
  result.content_type = "text/plain";
  bool known = a.for_each_lasting(path[2], *since, parts.parameter("untouched").has_value(),
                                  [&](const std::string& id) { result.body += id + "\n"; });
  return known ? result : error_answer(1020);
}

} // namespace sluice::simulator
