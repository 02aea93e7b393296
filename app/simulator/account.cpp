#include "app/simulator/account.hpp"

#include "app/simulator/random.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

namespace sluice::simulator {

namespace {

// -Wpedantic objects to the bare name.
__extension__ using wide = unsigned __int128;

// How many of each kind a survey (a page, a question) can have at most: they number the ids.
constexpr std::uint64_t most_pages = 100;
constexpr std::uint64_t most_questions = 100;
constexpr std::uint64_t most_collectors = 1000;

/// The longest time over which surveys may spread: far beyond four-digit years, small enough for 64-bit products.
constexpr std::int64_t latest_time = 253'402'300'799; // 9999-12-31T23:59:59Z

constexpr std::array<std::string_view, 8> optional_fields
  = {"response_count", "date_created", "date_modified", "language",
     "question_count", "analyze_url",  "preview",       "collect_stats"};

/// Kinds of dice: equal parts of different kinds must not give equal numbers.
enum count_kind : std::uint64_t {
  page_count,
  question_count,
  response_count,
  collector_count,
  day_of_survey,
  day_of_creation,
  day_of_response
};

count_range capped(count_range range, std::uint64_t most) {
  auto cap = static_cast<std::uint32_t>(most);
  range.least = std::min(range.least, cap);
  range.most = std::clamp(range.most, range.least, cap);
  return range;
}

account_sizes capped(account_sizes sizes) {
  sizes.surveys = std::min(sizes.surveys, largest_account);
  sizes.responses = capped(sizes.responses, most_responses);
  sizes.pages = capped(sizes.pages, most_pages);
  sizes.questions = capped(sizes.questions, most_questions);
  sizes.collectors = capped(sizes.collectors, most_collectors);
  sizes.first_modified = std::clamp<std::int64_t>(sizes.first_modified, 0, latest_time);
  sizes.last_modified = std::clamp<std::int64_t>(sizes.last_modified, sizes.first_modified, latest_time);
  sizes.response_bytes = std::min(sizes.response_bytes, largest_response);
  return sizes;
}

/// Numbers [first, second) below `count` whose time, which rises with the number, is within the inclusive bounds.
template <class Time>
std::pair<std::uint64_t, std::uint64_t> numbers_within(std::uint64_t count, Time time, std::int64_t lower,
                                                       std::int64_t upper) {
  auto first_where = [&](auto reached) {
    std::uint64_t low = 0;
    std::uint64_t high = count;
    while (low < high) {
      auto middle = low + (high - low) / 2;
      if (reached(time(middle)))
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  };
  auto first = first_where([&](std::int64_t t) { return t >= lower; });
  auto last = first_where([&](std::int64_t t) { return t > upper; });
  return {first, std::max(first, last)};
}

} // namespace

std::uint32_t survey_field_bit(std::string_view name) noexcept {
  auto found = std::find(optional_fields.begin(), optional_fields.end(), name);
  return found == optional_fields.end() ? 0 : 1U << (found - optional_fields.begin());
}

// -- id_space -----------------------------------------------------------------

std::uint64_t inverse_of(std::uint64_t factor, std::uint64_t modulus) {
  // Extended Euclid; all values stay below 2^41.
  std::int64_t t = 0;
  std::int64_t next_t = 1;
  auto r = static_cast<std::int64_t>(modulus);
  auto next_r = static_cast<std::int64_t>(factor);
  while (next_r != 0) {
    auto quotient = r / next_r;
    t = std::exchange(next_t, t - quotient * next_t);
    r = std::exchange(next_r, r - quotient * next_r);
  }
  return static_cast<std::uint64_t>(t < 0 ? t + static_cast<std::int64_t>(modulus) : t);
}

id_space::id_space(std::uint64_t first_id, std::uint64_t modulus, std::uint64_t seed)
  : first_id_(first_id), modulus_(modulus), shift_(mix({seed, modulus}) % modulus) {
  // Neither a small factor nor one close to the modulus: neighbours would get neighbouring ids.
  factor_ = modulus / 4 + mix({seed, first_id}) % (modulus / 2);
  while (std::gcd(factor_, modulus_) != 1)
    ++factor_;
  inverse_ = inverse_of(factor_, modulus_);
}

std::string id_space::id(std::uint64_t index) const {
  return std::to_string(first_id_ + static_cast<std::uint64_t>((wide{index} * factor_ + shift_) % modulus_));
}

std::optional<std::uint64_t> id_space::index(std::string_view id) const {
  std::uint64_t number = 0;
  auto [end, status] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (status != std::errc{} || end != id.data() + id.size() || id.front() == '0' || number < first_id_
      || number - first_id_ >= modulus_)
    return std::nullopt;
  auto shifted = (number - first_id_ + modulus_ - shift_) % modulus_;
  return static_cast<std::uint64_t>(wide{shifted} * inverse_ % modulus_);
}

// -- account: numbers ---------------------------------------------------------

account::account(account_sizes sizes)
  : sizes_(capped(sizes)), survey_ids_(100'000'000, 900'000'000, sizes.seed),
    page_ids_(100'000'000, 900'000'000, mix(sizes.seed)), question_ids_(10'000'000'000, 90'000'000'000, sizes.seed),
    choice_ids_(100'000'000'000, 900'000'000'000, sizes.seed),
    response_ids_(100'000'000'000, 900'000'000'000, mix(sizes.seed)),
    collector_ids_(1'000'000'000, 9'000'000'000, sizes.seed) {}

std::uint64_t account::dice(std::uint64_t kind, std::uint64_t survey, std::uint64_t part) const noexcept {
  return mix({sizes_.seed, kind, survey, part});
}

std::uint32_t account::pick(const count_range& range, std::uint64_t kind, std::uint64_t survey,
                            std::uint64_t part) const {
  auto number = dice(kind, survey, part);
  if (number % 8 == 0)
    return range.least;
  return range.least + static_cast<std::uint32_t>((number >> 3) % (range.most - range.least + 1ULL));
}

std::optional<std::uint64_t> account::find_survey(std::string_view id) const {
  auto index = survey_ids_.index(id);
  bool known = index && *index < sizes_.surveys + survey_changes_.added() && !survey_changes_.is_removed(*index);
  return known ? index : std::nullopt;
}

std::int64_t account::survey_modified(std::uint64_t survey) const {
  auto changed = survey_changes_.modified(survey);
  return changed ? *changed : first_survey_modified(survey);
}

std::int64_t account::first_survey_modified(std::uint64_t survey) const {
  if (survey >= sizes_.surveys && survey < sizes_.surveys + survey_changes_.added())
    return survey_changes_.added_at(survey);
  if (survey + 1 >= sizes_.surveys)
    return sizes_.last_modified;
  // Every tenth survey shares its second with the one before it.
  auto place = survey % 10 == 9 ? survey - 1 : survey;
  if (place == 0)
    return sizes_.first_modified;
  auto span = static_cast<std::uint64_t>(sizes_.last_modified - sizes_.first_modified);
  auto from = span * place / (sizes_.surveys - 1);
  auto to = span * (place + 1) / (sizes_.surveys - 1);
  auto offset = to > from ? dice(day_of_survey, place) % (to - from) : 0;
  return sizes_.first_modified + static_cast<std::int64_t>(from + offset);
}

std::int64_t account::survey_created(std::uint64_t survey) const {
  constexpr std::uint64_t ninety_days = 90ULL * 86'400;
  return std::max<std::int64_t>(0, first_survey_modified(survey)
                                     - static_cast<std::int64_t>(dice(day_of_creation, survey) % ninety_days));
}

row_range account::surveys_modified_within(std::int64_t lower_us, std::int64_t upper_us) const {
  auto [first, last] = numbers_within(
    sizes_.surveys, [this](std::uint64_t i) { return first_survey_modified(i) * 1'000'000; }, lower_us, upper_us);
  return survey_changes_.apply(first, last, lower_us, upper_us);
}

std::uint32_t account::pages(std::uint64_t survey) const {
  return pick(sizes_.pages, page_count, survey);
}

std::uint32_t account::questions(std::uint64_t survey, std::uint32_t page) const {
  return pick(sizes_.questions, question_count, survey, page);
}

std::string account::page_id(std::uint64_t survey, std::uint32_t page) const {
  return page_ids_.id(survey * most_pages + page);
}

std::string account::question_id(std::uint64_t survey, std::uint32_t page, std::uint32_t question) const {
  return question_ids_.id((survey * most_pages + page) * most_questions + question);
}

std::string account::choice_id(std::uint64_t survey, std::uint32_t page, std::uint32_t question,
                               std::uint32_t choice) const {
  return choice_ids_.id(((survey * most_pages + page) * most_questions + question) * 8 + choice % 8);
}

std::uint32_t account::first_responses(std::uint64_t survey) const {
  return pick(sizes_.responses, response_count, survey);
}

const row_changes& account::response_changes(std::uint64_t survey) const {
  static const row_changes none;
  auto found = response_changes_.find(survey);
  return found == response_changes_.end() ? none : found->second;
}

std::uint32_t account::responses(std::uint64_t survey) const {
  const auto& changed = response_changes(survey);
  return static_cast<std::uint32_t>(first_responses(survey) + changed.added() - changed.removed());
}

std::string account::response_id(std::uint64_t survey, std::uint32_t response) const {
  return response_ids_.id(survey * most_responses + response);
}

std::int64_t account::response_modified(std::uint64_t survey, std::uint32_t response) const {
  auto changed = response_changes(survey).modified(response);
  return changed ? *changed : first_response_modified(survey, response);
}

row_range account::responses_modified_within(std::uint64_t survey, std::int64_t lower_us, std::int64_t upper_us) const {
  auto [first, last] = numbers_within(
    first_responses(survey),
    [&](std::uint64_t i) { return first_response_modified(survey, static_cast<std::uint32_t>(i)) * 1'000'000; },
    lower_us, upper_us);
  return response_changes(survey).apply(first, last, lower_us, upper_us);
}

std::int64_t account::first_response_modified(std::uint64_t survey, std::uint32_t response) const {
  auto from = survey_created(survey);
  auto span = static_cast<std::uint64_t>(first_survey_modified(survey) - from);
  auto step = span / (first_responses(survey) + 1ULL);
  auto offset = step > 0 ? dice(day_of_response, survey, response) % step : 0;
  return from + static_cast<std::int64_t>(step * response + offset);
}

std::uint32_t account::collectors(std::uint64_t survey) const {
  return pick(sizes_.collectors, collector_count, survey);
}

std::string account::collector_id(std::uint64_t survey, std::uint32_t collector) const {
  return collector_ids_.id(survey * most_collectors + collector);
}

std::optional<std::pair<std::uint64_t, std::uint32_t>> account::find_collector(std::string_view id) const {
  auto index = collector_ids_.index(id);
  if (!index || !find_survey(survey_id(*index / most_collectors))
      || *index % most_collectors >= collectors(*index / most_collectors))
    return std::nullopt;
  return std::pair{*index / most_collectors, static_cast<std::uint32_t>(*index % most_collectors)};
}

// -- account: what a correct reader prints ------------------------------------

bool account::for_each_expected(std::string_view stream, const std::function<void(const std::string&)>& sink) const {
  if (std::find(std::begin(stream_names), std::end(stream_names), stream) == std::end(stream_names))
    return false;
  // `{...}` and one more field at its end.
  auto with_field = [](std::string body, std::string_view name, const std::string& value) {
    body.back() = ',';
    return body.append("\"").append(name).append("\":\"").append(value).append("\"}");
  };
  auto for_each_response = [this](std::uint64_t survey, const auto& call) {
    auto rows = responses_modified_within(survey);
    for (std::uint64_t i = 0; i < rows.size(); ++i)
      call(static_cast<std::uint32_t>(rows[i]));
  };
  auto all = surveys_modified_within();
  for (std::uint64_t number = 0; number < all.size(); ++number) {
    auto survey = all[number];
    if (stream == "surveys") {
      sink(survey_item(survey, all_survey_fields));
    } else if (stream == "survey_responses") {
      for_each_response(survey, [&](std::uint32_t i) { sink(response_item(survey, i)); });
    } else if (stream == "survey_responses_bulk") {
      for_each_response(survey, [&](std::uint32_t i) { sink(response_body(survey, i)); });
    } else if (stream == "survey_details") {
      sink(survey_body(survey));
    } else if (stream == "survey_pages") {
      for (std::uint32_t page = 0, n = pages(survey); page < n; ++page)
        sink(page_body(survey, page));
    } else if (stream == "survey_questions") {
      for (std::uint32_t page = 0, n = pages(survey); page < n; ++page)
        for (std::uint32_t i = 0, m = questions(survey, page); i < m; ++i)
          sink(with_field(question_body(survey, page, i), "page_id", page_id(survey, page)));
    } else if (stream == "survey_collectors") {
      for (std::uint32_t i = 0, n = collectors(survey); i < n; ++i)
        sink(with_field(collector_item(survey, i), "survey_id", survey_id(survey)));
    } else if (stream == "collectors") {
      for (std::uint32_t i = 0, n = collectors(survey); i < n; ++i)
        sink(collector_body(survey, i));
    }
  }
  return true;
}

std::vector<std::string> account::expected_records(std::string_view stream) const {
  std::vector<std::string> result;
  for_each_expected(stream, [&](const std::string& record) { result.push_back(record); });
  return result;
}

std::uint64_t account::expected_count(std::string_view stream) const {
  std::uint64_t result = 0;
  auto all = surveys_modified_within();
  for (std::uint64_t number = 0; number < all.size(); ++number) {
    auto survey = all[number];
    if (stream == "surveys" || stream == "survey_details")
      ++result;
    else if (stream == "survey_responses" || stream == "survey_responses_bulk")
      result += responses(survey);
    else if (stream == "survey_pages")
      result += pages(survey);
    else if (stream == "survey_questions")
      for (std::uint32_t page = 0, n = pages(survey); page < n; ++page)
        result += questions(survey, page);
    else if (stream == "survey_collectors" || stream == "collectors")
      result += collectors(survey);
  }
  return result;
}

} // namespace sluice::simulator
