#include "app/simulator/api.hpp"

#include "app/simulator/json_text.hpp"
#include "app/simulator/plain_lists.hpp"
#include "app/simulator/random.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <utility>

namespace sluice::simulator {

namespace {

struct error_kind {
  int id;
  int status;
  std::string_view name;
  std::string_view message;
};

constexpr std::array errors = {
  error_kind{1000, 400, "Bad Request", "Unable to process the request."},
  error_kind{1003, 400, "Bad Request", "Invalid URL parameters."},
  error_kind{1005, 402, "Payment Required", "The account's plan does not cover this request."},
  error_kind{1010, 401, "Authorization Error", "The authorization token was not provided."},
  error_kind{1011, 401, "Authorization Error", "The authorization token provided was invalid."},
  error_kind{1012, 401, "Authorization Error", "The authorization token provided has expired."},
  error_kind{1013, 401, "Authorization Error", "Client revoked access grant."},
  error_kind{1014, 403, "Permission Error", "Permission has not been granted by the user to make this request."},
  error_kind{1015, 403, "Permission Error", "The user does not have a plan with permission to access the resource."},
  error_kind{1016, 403, "Permission Error", "The user does not have permission to access the resource."},
  error_kind{1017, 403, "Permission Error", "The user has reached the quota for this type of resource."},
  error_kind{1018, 403, "Host Error", "The user's data is kept in another region; use that region's host."},
  error_kind{1020, 404, "Resource Not Found", "There was an error retrieving the requested resource."},
  error_kind{1025, 409, "Resource Conflict", "Unable to complete the request due to a conflict."},
  error_kind{1030, 413, "Request Entity Too Large", "The requested entity is too large, it can not be returned."},
  error_kind{1040, 429, "Rate limit reached", "Too many requests were made, try again later."},
  error_kind{1050, 500, "Internal Server Error", "We couldn't process your request."},
  error_kind{1051, 503, "Service Unavailable", "The service is not available, try again later."},
  error_kind{1053, 410, "Gone", "The resource has been deleted."},
  error_kind{1054, 502, "Bad Gateway", "The service did not answer properly, try again later."},
  error_kind{1055, 504, "Gateway Timeout", "The service did not answer in time, try again later."},
  error_kind{1061, 405, "Method Not Allowed", "The resource does not support this method."},
};

api_answer bad_parameter(std::string_view name, std::string_view why) {
  return error_answer(1003, 0, "Invalid URL parameters: `" + std::string{name} + "` " + std::string{why});
}

/// The first parameter that is not allowed or not alone.
std::optional<api_answer> check_names(const request_target& target, std::initializer_list<std::string_view> allowed) {
  for (const auto& p : target.parameters) {
    if (std::find(allowed.begin(), allowed.end(), p.name) == allowed.end())
      return bad_parameter(p.name, "is not a parameter of this request (or one that the simulator does not support).");
    if (std::count_if(target.parameters.begin(), target.parameters.end(), [&](auto& q) { return q.name == p.name; })
        > 1)
      return bad_parameter(p.name, "is given more than once.");
  }
  return std::nullopt;
}

/// Reads a positive whole number. False if there is something else.
bool read_count(const request_target& target, std::string_view name, std::uint64_t& result) {
  auto text = target.parameter(name);
  if (!text)
    return true;
  auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), result);
  return status == std::errc{} && end == text->data() + text->size() && result >= 1 && result <= 1'000'000'000;
}

bool read_time(const request_target& target, std::string_view name, std::int64_t& result) {
  auto text = target.parameter(name);
  if (!text)
    return true;
  auto time = parse_time(*text);
  if (time)
    result = *time;
  return time.has_value();
}

struct time_range {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t to = std::numeric_limits<std::int64_t>::max();
};

std::optional<api_answer> read_times(const request_target& target, time_range& range) {
  for (auto [name, bound] : {std::pair{"start_modified_at", &range.from}, {"end_modified_at", &range.to}})
    if (!read_time(target, name, *bound))
      return bad_parameter(name, "must be a time such as 2024-01-31T00:00:00.");
  return std::nullopt;
}

/// Sets `descending`. `sort_by` must be one of `fields`.
std::optional<api_answer> read_order(const request_target& target, std::initializer_list<std::string_view> fields,
                                     bool& descending) {
  if (auto field = target.parameter("sort_by");
      field && std::find(fields.begin(), fields.end(), *field) == fields.end())
    return bad_parameter("sort_by", "names a field that this list cannot be sorted by.");
  auto order = target.parameter("sort_order").value_or("ASC");
  if (order != "ASC" && order != "DESC")
    return bad_parameter("sort_order", "must be ASC or DESC.");
  descending = order == "DESC";
  return std::nullopt;
}

/// Links of a list, and the list itself, from its parameters. `item` appends the item at a position.
api_answer make_list(const request_target& target, const std::string& origin, const list_distortion& distortion,
                     std::uint64_t total, std::uint64_t most_per_page,
                     const std::function<void(std::string&, std::uint64_t)>& append_item) {
  std::uint64_t page = 1;
  std::uint64_t per_page = 50;
  if (!read_count(target, "page", page))
    return bad_parameter("page", "must be a whole number from 1.");
  if (!read_count(target, "per_page", per_page))
    return bad_parameter("per_page", "must be a whole number from 1.");
  per_page = std::min(per_page, most_per_page);
  auto last_page = std::max<std::uint64_t>(1, (total + per_page - 1) / per_page);

  auto query = std::string{"?"};
  for (const auto& p : target.parameters)
    if (p.name != "page" && p.name != "per_page")
      query += p.raw + "&";
  auto url = [&](const std::string& where, std::uint64_t number) {
    return where + target.path + query + "per_page=" + std::to_string(per_page) + "&page=" + std::to_string(number);
  };

  api_answer result;
  auto& out = result.body;
  object_writer list{out};
  if (!distortion.without_data) {
    list.key("data");
    out += '[';
    auto shown = distortion.repeats_page && page > 1 ? page - 1 : page;
    auto from = std::min((shown - 1) * per_page, total);
    auto to = std::min(from + per_page, total);
    if (distortion.halves_page)
      to = from + (to - from) / 2;
    for (auto i = from; i < to; ++i) {
      if (i > from)
        out += ',';
      append_item(out, i);
      if (i == from) // items resemble each other
        out.reserve(out.size() * (to - from + 1));
    }
    out += ']';
  }
  list.number("per_page", per_page);
  list.number("page", page);
  list.number("total", total);
  list.key("links");
  object_writer links{out};
  links.text("self", url(origin, page));
  if (page > 1)
    links.text("prev", url(origin, std::min(page - 1, last_page)));
  if (distortion.next_is_self)
    links.text("next", url(origin, page));
  else if (!distortion.next_origin.empty())
    links.text("next", url(distortion.next_origin, page + 1));
  else if (page < last_page)
    links.text("next", url(origin, page + 1));
  if (page > 1)
    links.text("first", url(origin, 1));
  if (page < last_page)
    links.text("last", url(origin, last_page));
  links.close();
  list.close();
  return result;
}

/// Surveys in an order that is arbitrary but always the same: changed rows leave no gap and stand at the end, the
/// others keep their order.
std::function<std::uint64_t(std::uint64_t)> arbitrary_order(const account& a, const row_range& rows) {
  auto first = rows.first();
  auto count = rows.last() - first;
  auto factor = count < 3 ? 1 : count / 4 + mix({a.sizes().seed, count}) % (count / 2);
  while (count >= 3 && std::gcd(factor, count) != 1)
    factor = (factor + 1) % count;
  // Where those that are gone stood.
  std::vector<std::uint64_t> gone;
  auto back = count > 0 && !rows.gone().empty() ? inverse_of(factor, count) : 0;
  for (auto row : rows.gone())
    gone.push_back((row - first + count - count / 3) % count * back % count);
  std::sort(gone.begin(), gone.end());
  return [=, gone = std::move(gone), moved = rows.moved()](std::uint64_t i) {
    auto standing = count - gone.size();
    return i >= standing ? moved[i - standing] : first + (skip_gone(gone, 0, i) * factor + count / 3) % count;
  };
}

/// Surveys in the order asked for: maps a position to a survey.
std::function<std::uint64_t(std::uint64_t)> survey_order(const account& a, std::string_view field, bool descending,
                                                         const row_range& rows) {
  auto count = rows.size();
  std::function<std::uint64_t(std::uint64_t)> ascending;
  if (field == "date_modified") {
    ascending = [rows](std::uint64_t i) { return rows[i]; };
  } else if (field.empty()) {
    ascending = arbitrary_order(a, rows);
  } else {
    std::vector<std::pair<std::string, std::uint64_t>> by_title;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> by_number;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (field == "title")
        by_title.emplace_back(a.survey_title(rows[i]), rows[i]);
      else
        by_number.emplace_back(a.responses(rows[i]), rows[i]);
    }
    std::sort(by_title.begin(), by_title.end());
    std::sort(by_number.begin(), by_number.end());
    ascending = [field = std::string{field}, by_title = std::move(by_title), by_number = std::move(by_number)](
                  std::uint64_t i) { return field == "title" ? by_title[i].second : by_number[i].second; };
  }
  if (!descending)
    return ascending;
  return [ascending = std::move(ascending), count](std::uint64_t i) { return ascending(count - 1 - i); };
}

/// Reads `include`. False if it names an unknown field.
bool read_include(const request_target& target, std::uint32_t& fields) {
  std::string_view rest = target.parameter("include").value_or(std::string_view{});
  while (!rest.empty()) {
    auto name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    auto bit = survey_field_bit(name);
    if (bit == 0)
      return false;
    fields |= bit;
  }
  return true;
}

api_answer list_surveys(const account& a, const request_target& target, const std::string& origin,
                        const list_distortion& distortion) {
  bool descending = false;
  time_range times;
  std::uint32_t fields = 0;
  if (auto bad = check_names(
        target, {"page", "per_page", "sort_by", "sort_order", "include", "start_modified_at", "end_modified_at"}))
    return *bad;
  if (auto bad = read_order(target, {"title", "date_modified", "num_responses"}, descending))
    return *bad;
  if (auto bad = read_times(target, times))
    return *bad;
  if (!read_include(target, fields))
    return bad_parameter("include", "names a field that surveys do not have.");
  auto rows = a.surveys_modified_within(times.from, times.to);
  auto order = survey_order(a, target.parameter("sort_by").value_or(std::string_view{}), descending, rows);
  return make_list(target, origin, distortion, rows.size(), 1000,
                   [&](std::string& out, std::uint64_t i) { out += a.survey_item(order(i), fields); });
}

api_answer list_responses(const account& a, const request_target& target, const std::string& origin,
                          const list_distortion& distortion, std::uint64_t survey, bool bulk) {
  bool descending = false;
  time_range times;
  if (auto bad
      = check_names(target, {"page", "per_page", "sort_by", "sort_order", "start_modified_at", "end_modified_at"}))
    return *bad;
  if (auto bad = read_order(target, {"date_modified"}, descending))
    return *bad;
  if (auto bad = read_times(target, times))
    return *bad;
  auto rows = a.responses_modified_within(survey, times.from, times.to);
  return make_list(target, origin, distortion, rows.size(), 100, [&](std::string& out, std::uint64_t i) {
    auto number = static_cast<std::uint32_t>(rows[descending ? rows.size() - 1 - i : i]);
    out += bulk ? a.response_body(survey, number) : a.response_item(survey, number);
  });
}

api_answer list_collectors(const account& a, const request_target& target, const std::string& origin,
                           const list_distortion& distortion, std::uint64_t survey) {
  if (auto bad = check_names(target, {"page", "per_page"}))
    return *bad;
  return make_list(target, origin, distortion, a.collectors(survey), 100, [&](std::string& out, std::uint64_t i) {
    out += a.collector_item(survey, static_cast<std::uint32_t>(i));
  });
}

api_answer one_body(const request_target& target, std::string body) {
  if (auto bad = check_names(target, {}))
    return *bad;
  api_answer result;
  result.body = std::move(body);
  return result;
}

std::string_view endpoint_of(const request_target& target) {
  const auto& s = target.segments;
  if (s.size() < 2 || s[0] != "v3")
    return "other";
  if (s[1] == "surveys") {
    if (s.size() == 2)
      return "surveys";
    if (s.size() == 3)
      return "survey";
    if (s.size() == 4 && s[3] == "details")
      return "survey_details";
    if (s.size() == 4 && s[3] == "responses")
      return "survey_responses";
    if (s.size() == 5 && s[3] == "responses" && s[4] == "bulk")
      return "survey_responses_bulk";
    if (s.size() == 4 && s[3] == "collectors")
      return "survey_collectors";
  }
  if (s[1] == "collectors" && s.size() == 3)
    return "collector";
  if (s[1] == "users" && s.size() == 3 && s[2] == "me")
    return "users_me";
  return "other";
}

} // namespace

api_answer error_answer(int id, int status, std::string_view message) {
  auto kind = std::find_if(errors.begin(), errors.end(), [&](const error_kind& e) { return e.id == id; });
  bool known = kind != errors.end();
  api_answer result;
  result.status = status != 0 ? status : known ? kind->status : 400;
  object_writer outer{result.body};
  outer.key("error");
  object_writer e{result.body};
  e.text("id", std::to_string(id));
  e.text("name", known ? kind->name : "Unknown Error");
  e.text("docs", "https://developer.surveymonkey.com/api/v3/#error-codes");
  e.text("message", !message.empty() ? message : known ? kind->message : "An error that has no description.");
  e.number("http_status_code", static_cast<std::uint64_t>(status != 0 ? status : known ? kind->status : 400));
  e.close();
  outer.close();
  return result;
}

int error_id_for(int status) noexcept {
  if (status == 401)
    return 1011;
  auto kind = std::find_if(errors.begin(), errors.end(), [&](const error_kind& e) { return e.status == status; });
  return kind != errors.end() ? kind->id : status < 500 ? 1000 : 1050;
}

std::string_view endpoint_of(const std::string& target) {
  return endpoint_of(parse_target(target));
}

std::optional<std::uint64_t> survey_of(const account& a, std::string_view target) {
  auto parts = parse_target(target);
  bool in_survey = parts.segments.size() > 2 && parts.segments[0] == "v3" && parts.segments[1] == "surveys";
  return in_survey ? a.find_survey(parts.segments[2]) : std::nullopt;
}

api_answer answer(const account& a, const api_request& request, const list_distortion& distortion) {
  if (auto plain = plain_list_answer(request))
    return std::move(*plain);
  auto target = parse_target(request.target);
  auto endpoint = endpoint_of(target);
  if (endpoint == "other")
    return error_answer(1020);
  if (request.method != "GET")
    return error_answer(1061);
  if (endpoint == "surveys")
    return list_surveys(a, target, request.origin, distortion);
  if (endpoint == "users_me")
    return one_body(target, a.user_body());
  if (endpoint == "collector") {
    auto found = a.find_collector(target.segments[2]);
    return found ? one_body(target, a.collector_body(found->first, found->second)) : error_answer(1020);
  }
  auto survey = a.find_survey(target.segments[2]);
  if (!survey)
    return error_answer(1020);
  if (endpoint == "survey")
    return one_body(target, a.survey_body(*survey));
  if (endpoint == "survey_details")
    return one_body(target, a.survey_details(*survey));
  if (endpoint == "survey_collectors")
    return list_collectors(a, target, request.origin, distortion, *survey);
  return list_responses(a, target, request.origin, distortion, *survey, endpoint == "survey_responses_bulk");
}

} // namespace sluice::simulator
