#pragma once

#include "app/simulator/json_text.hpp"
#include "app/simulator/rows.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// An inclusive range of counts. Each survey gets its own count out of it; about every eighth gets the smallest.
struct count_range {
  std::uint32_t least = 0;
  std::uint32_t most = 0;
};

/// Most bytes that a response can be filled up to.
inline constexpr std::uint64_t largest_response = 10'000'000;

/// What an account holds. The same sizes and seed always give the same account, byte for byte.
struct account_sizes {
  std::uint64_t seed = 1;
  /// At most `largest_account`.
  std::uint64_t surveys = 60;
  /// At most 100 000 a survey.
  count_range responses = {0, 80};
  /// At most 100 a survey.
  count_range pages = {1, 3};
  /// Questions on each page. At most 100 a page.
  count_range questions = {0, 4};
  /// At most 1000 a survey.
  count_range collectors = {0, 3};
  /// Surveys' `date_modified` spread over this time, both ends used. Seconds since the epoch, UTC.
  std::int64_t first_modified = 1'580'515'200; // 2020-02-01T00:00:00Z
  std::int64_t last_modified = 1'759'276'799;  // 2025-09-30T23:59:59Z
  /// Each response, in both lists, is filled up to at least so many bytes: an account of any size in bytes that costs
  /// the simulator little work. At most `largest_response`.
  std::uint64_t response_bytes = 0;
  /// Only usual words and numbers, and keys in one order: data that fits the schemas of the streams. Otherwise there is
  /// in it what a careless reader trips over.
  bool tame = false;
};

/// How an account changes while it is read.
enum class mutation_kind : std::uint8_t {
  modify_survey,
  delete_survey,
  add_survey,
  modify_response,
  delete_response,
  add_response
};

/// One change.
struct mutation {
  mutation_kind kind = mutation_kind::modify_survey;
  /// Chooses the row among those that are there.
  std::uint64_t dice = 0;
  /// The `date_modified` of a row that is modified or added, in seconds since the epoch. It is taken later, if need be,
  /// so that no change precedes an earlier one or any row of the start.
  std::int64_t time = 0;
  /// Of responses: the survey; without it the dice choose one that has responses.
  std::optional<std::uint64_t> survey = {};
};

/// Above this the ids would not stay unique.
inline constexpr std::uint64_t largest_account = 5'000'000;
/// Of a survey: they number the ids.
inline constexpr std::uint64_t most_responses = 100'000;

/// The number below `modulus` whose product with `factor`, which shares no factor with it, leaves 1. Both below 2^41.
std::uint64_t inverse_of(std::uint64_t factor, std::uint64_t modulus);

/// A bijection between the indexes below `modulus` and ids of a fixed number of digits. Ids look random, and the index
/// of an id is found without a table.
class id_space {
public:
  /// Ids run from `first_id` to `first_id + modulus - 1`. `modulus` is large: far more than a thousand.
  id_space(std::uint64_t first_id, std::uint64_t modulus, std::uint64_t seed);
  std::string id(std::uint64_t index) const;
  /// The index, or nothing if the text is no id of this space.
  std::optional<std::uint64_t> index(std::string_view id) const;

private:
  std::uint64_t first_id_;
  std::uint64_t modulus_;
  std::uint64_t factor_ = 1;
  std::uint64_t inverse_ = 1;
  std::uint64_t shift_;
};

/// The optional fields of a survey in `GET /v3/surveys` are bits of a mask: these are all of them.
inline constexpr std::uint32_t all_survey_fields = (1U << 8) - 1;

/// The bit of an `include` name, e.g. `date_modified`; 0 if there is no such field.
std::uint32_t survey_field_bit(std::string_view name) noexcept;

/// Names of the streams whose expected records an account can tell.
inline constexpr std::string_view stream_names[]
  = {"surveys",          "survey_responses",  "survey_details", "survey_pages",
     "survey_questions", "survey_collectors", "collectors",     "survey_responses_bulk"};

/// A SurveyMonkey account. Nothing is stored: every text is a pure function of seed and index, so that an account of
/// millions of surveys costs no memory. Only `mutate` makes it remember what changed. All JSON texts are compact.
/// Thread-safe as long as nobody mutates it.
///
/// Surveys are numbered by rising `date_modified` at the start; some share a second with their predecessor. Added ones
/// follow. Ids are not in that order.
class account {
public:
  /// Sizes beyond the limits of `account_sizes` are capped; a range upside down counts as its larger end alone.
  explicit account(account_sizes sizes);

  const account_sizes& sizes() const noexcept { return sizes_; }

  // -- surveys -----------------------------------------------------------------

  /// Those of the start.
  std::uint64_t surveys() const noexcept { return sizes_.surveys; }
  std::string survey_id(std::uint64_t survey) const { return survey_ids_.id(survey); }
  std::optional<std::uint64_t> find_survey(std::string_view id) const;
  /// Seconds since the epoch.
  std::int64_t survey_modified(std::uint64_t survey) const;
  std::int64_t survey_created(std::uint64_t survey) const;
  /// The surveys modified within the inclusive bounds, in microseconds since the epoch.
  row_range surveys_modified_within(std::int64_t lower_us = std::numeric_limits<std::int64_t>::min(),
                                    std::int64_t upper_us = std::numeric_limits<std::int64_t>::max()) const;
  /// The title without JSON quoting.
  std::string survey_title(std::uint64_t survey) const;
  /// An item of `GET /v3/surveys` with the optional fields in `fields` (see `survey_field_bit`).
  std::string survey_item(std::uint64_t survey, std::uint32_t fields) const;
  /// `GET /v3/surveys/{id}`: the details without `pages`.
  std::string survey_body(std::uint64_t survey) const;
  /// `GET /v3/surveys/{id}/details`.
  std::string survey_details(std::uint64_t survey) const;

  // -- pages and questions -----------------------------------------------------

  std::uint32_t pages(std::uint64_t survey) const;
  std::uint32_t questions(std::uint64_t survey, std::uint32_t page) const;
  std::string page_id(std::uint64_t survey, std::uint32_t page) const;
  /// A page of the details without `questions`.
  std::string page_body(std::uint64_t survey, std::uint32_t page) const;
  std::string question_body(std::uint64_t survey, std::uint32_t page, std::uint32_t question) const;

  // -- responses ---------------------------------------------------------------

  /// Now, not at the start.
  std::uint32_t responses(std::uint64_t survey) const;
  std::string response_id(std::uint64_t survey, std::uint32_t response) const;
  /// Rising with the response's number, at the start. Seconds since the epoch.
  std::int64_t response_modified(std::uint64_t survey, std::uint32_t response) const;
  /// A survey's responses modified within the inclusive bounds, in microseconds since the epoch.
  row_range responses_modified_within(std::uint64_t survey,
                                      std::int64_t lower_us = std::numeric_limits<std::int64_t>::min(),
                                      std::int64_t upper_us = std::numeric_limits<std::int64_t>::max()) const;
  /// An item of `GET /v3/surveys/{id}/responses`.
  std::string response_item(std::uint64_t survey, std::uint32_t response) const;
  /// An item of `GET /v3/surveys/{id}/responses/bulk`.
  std::string response_body(std::uint64_t survey, std::uint32_t response) const;

  // -- collectors --------------------------------------------------------------

  std::uint32_t collectors(std::uint64_t survey) const;
  std::string collector_id(std::uint64_t survey, std::uint32_t collector) const;
  /// The survey and the number of the collector in it.
  std::optional<std::pair<std::uint64_t, std::uint32_t>> find_collector(std::string_view id) const;
  /// An item of `GET /v3/surveys/{id}/collectors`.
  std::string collector_item(std::uint64_t survey, std::uint32_t collector) const;
  /// `GET /v3/collectors/{id}`.
  std::string collector_body(std::uint64_t survey, std::uint32_t collector) const;

  /// `GET /v3/users/me`.
  std::string user_body() const;

  // -- what a correct reader prints ---------------------------------------------

  /// Calls `sink` with the `data` of every RECORD that a full read of the stream gives, as compact JSON, with the
  /// fields that the connector adds at the end and without those that it removes. In the order of the surveys' numbers.
  /// Returns false if there is no such stream.
  bool for_each_expected(std::string_view stream, const std::function<void(const std::string&)>& sink) const;
  /// The same as a list; empty for an unknown stream.
  std::vector<std::string> expected_records(std::string_view stream) const;
  /// How many there are.
  std::uint64_t expected_count(std::string_view stream) const;

  // -- changes during a run -----------------------------------------------------

  /// Changes a row. False if there is none to change.
  bool mutate(const mutation& m);
  /// How many changes there were.
  std::uint64_t changes() const noexcept { return changes_; }
  /// Calls `sink` with the id of every record of the stream that was there after the change number `since` (0: at the
  /// start) and at every moment until now; `untouched`: and that did not change, nor did its survey. Returns false if
  /// there is no such stream.
  bool for_each_lasting(std::string_view stream, std::uint64_t since, bool untouched,
                        const std::function<void(const std::string&)>& sink) const;

private:
  std::int64_t first_survey_modified(std::uint64_t survey) const;
  std::int64_t first_response_modified(std::uint64_t survey, std::uint32_t response) const;
  std::uint32_t first_responses(std::uint64_t survey) const;
  const row_changes& response_changes(std::uint64_t survey) const;
  std::optional<std::uint64_t> some_survey(std::uint64_t number, bool with_responses) const;
  std::optional<std::uint64_t> some_response(std::uint64_t survey, std::uint64_t number) const;
  std::string question_id(std::uint64_t survey, std::uint32_t page, std::uint32_t question) const;
  std::string choice_id(std::uint64_t survey, std::uint32_t page, std::uint32_t question, std::uint32_t choice) const;
  std::uint32_t pick(const count_range& range, std::uint64_t kind, std::uint64_t survey, std::uint64_t part = 0) const;
  std::uint64_t dice(std::uint64_t kind, std::uint64_t survey, std::uint64_t part = 0) const noexcept;
  escape_style text_style(std::uint64_t number) const;
  std::string words(std::uint64_t dice_number, unsigned count) const;
  std::string_view number_text(std::uint64_t dice_number) const;
  std::uint64_t question_total(std::uint64_t survey) const;
  void append_survey(std::string& out, std::uint64_t survey, bool with_pages) const;
  void append_question(std::string& out, std::uint64_t survey, std::uint32_t page, std::uint32_t question) const;
  void append_page(std::string& out, std::uint64_t survey, std::uint32_t page, bool with_questions) const;

  account_sizes sizes_;
  id_space survey_ids_;
  id_space page_ids_;
  id_space question_ids_;
  id_space choice_ids_;
  id_space response_ids_;
  id_space collector_ids_;

  row_changes survey_changes_;
  std::map<std::uint64_t, row_changes> response_changes_;
  std::uint64_t changes_ = 0;
  std::int64_t last_change_ = 0;
};

} // namespace sluice::simulator
