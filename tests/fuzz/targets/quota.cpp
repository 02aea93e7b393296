// What servers say about quotas: any headers, also several answers in a row.
#include "actors/core/admission/budget.hpp"
#include "actors/core/admission/quota_headers.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

constexpr language::instant wall{std::chrono::seconds{1767225600}};

header_list headers_of(std::string_view text) {
  header_list result;
  for (auto line : lines_of(text)) {
    auto colon = line.find(':');
    if (colon != std::string_view::npos)
      result.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return result;
}

void check_report(const rate_policy& policy, const header_list& headers) {
  auto report = read_quota(policy, std::chrono::hours{1}, headers, wall);
  require(!report.limit || *report.limit > 0, "no limit is 0");
  require(report.reset_error.count() >= 0, "an error has no sign");
  if (report.reset_in)
    require(report.reset_in->count() >= 0 && *report.reset_in <= longest_wait, "a reset is a wait that can be meant");
  auto sent = steady_time{} + std::chrono::hours{1};
  auto bounds = report.reset(sent, sent + std::chrono::seconds{1});
  require(bounds.has_value() == report.reset_in.has_value(), "a reset has bounds");
}

} // namespace

/// Sections: answers; the first byte of each chooses its status.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const plan_ptr p = built_in_plan();
  auto now = steady_time{} + std::chrono::hours{24};
  budget b{p->budget, std::chrono::minutes{1}, now};
  auto request = build_request(*p, p->endpoints.front(), page_request{});
  require(request.has_value(), "a request can be built");
  auto claim = b.match(request->method, request->url, request->headers);
  for (auto answer : sections(text_of(data, size), 6)) {
    auto is_refusal = take_choice(answer, 2) == 1;
    auto headers = headers_of(answer);
    for (auto policy : p->budget.policies) {
      for (auto reset :
           {rate_policy::reset_kind::detect, rate_policy::reset_kind::seconds, rate_policy::reset_kind::epoch}) {
        policy.reset = reset;
        check_report(policy, headers);
      }
    }
    auto wait = read_retry_after(headers, wall);
    require(!wait || (wait->count() >= 0 && *wait <= longest_wait), "a wait can be meant");

    auto free = b.earliest(claim, now);
    if (free == steady_time::max()) {
      require(b.exhausted(now).has_value(), "what never comes back is told");
      return 0;
    }
    require(free <= now + 2 * longest_wait, "a request waits for a time that comes");
    now = std::max(now, free);
    require(b.earliest(claim, now) <= now, "at that time it may go");
    auto ticket = b.acquire(claim, now);
    now += std::chrono::milliseconds{50};
    rate_feedback feedback;
    feedback.status = is_refusal ? 429 : 200;
    feedback.rate_limited = is_refusal;
    feedback.headers = headers;
    b.finish(ticket, feedback, true, now, wall);
    (void)b.exhausted(now);
    for (const auto& g : b.gauges(now))
      require(g.limit > 0, "no limit becomes 0");
  }
  return 0;
}
