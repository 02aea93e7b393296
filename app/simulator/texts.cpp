#include "app/simulator/texts.hpp"

#include "app/simulator/random.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace sluice::simulator {

namespace {

constexpr std::array<std::string_view, 48> vocabulary = {
  "customer",
  "feedback",
  "How",
  "satisfied",
  "are",
  "you",
  "with",
  "our",
  "service",
  "event",
  "team",
  "lunch",
  "quarterly",
  "2024",
  "employee",
  "engagement",
  "website",
  "price",
  "quality",
  "support",
  "Zufriedenheit",
  "Größe",
  "café",
  "naïve",
  "señor",
  "Привет",
  "опрос",
  "клиентов",
  "日本語",
  "アンケート",
  "满意度",
  "설문조사",
  "שלום",
  "مرحبا",
  "😀",
  "👩‍👩‍👧",
  "e\xCC\x81"
  "tude",
  "say \"yes\"",
  "C:\\temp",
  "a/b",
  "line\nbreak",
  "tab\there",
  "}],{\"pages\":[",
  "\xE2\x80\xA8sep",
  "{{ config }}",
  "<b>bold</b>",
  "100%",
  "\x01",
};

constexpr std::array<std::string_view, 8> languages = {"en", "de", "ru", "ja", "es", "zh-CN", "ar", "fr"};

constexpr std::array<std::string_view, 12> numbers = {"0",
                                                      "1.0",
                                                      "1e2",
                                                      "-0.0",
                                                      "12345678901234567890",
                                                      "0.10",
                                                      "1E-7",
                                                      "6.02e+23",
                                                      "-42",
                                                      "99999999999999999999.5",
                                                      "18446744073709551616",
                                                      "3.141592653589793238462643"};

constexpr std::array<std::string_view, 6> usual_numbers = {"0", "1", "2", "5", "10", "100"};

/// The words of the vocabulary's beginning that nobody trips over.
constexpr std::size_t plain_words = 20;

std::string phrase_of(std::uint64_t dice, unsigned words, std::size_t known) {
  std::string result;
  for (unsigned i = 0; i < words; ++i) {
    if (i > 0)
      result += ' ';
    result += vocabulary[mix({dice, i}) % known];
  }
  return result;
}

} // namespace

std::string phrase(std::uint64_t dice, unsigned words) {
  return phrase_of(dice, words, vocabulary.size());
}

std::string plain_phrase(std::uint64_t dice, unsigned words) {
  return phrase_of(dice, words, plain_words);
}

std::string_view language_code(std::uint64_t dice) noexcept {
  return languages[dice % languages.size()];
}

std::string_view unusual_number(std::uint64_t dice) noexcept {
  return numbers[dice % numbers.size()];
}

std::string_view usual_number(std::uint64_t dice) noexcept {
  return usual_numbers[dice % usual_numbers.size()];
}

std::string opaque_key(std::uint64_t dice, unsigned length) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  std::string result;
  for (unsigned i = 0; i < length; ++i) {
    // Ten characters of six bits a number.
    auto bits = mix({dice, i / 10}) >> (6 * (i % 10));
    result += letters[(bits & 63) % letters.size()];
  }
  return result;
}

std::string time_text(std::int64_t seconds, std::string_view zone) {
  std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss clock{time - day};
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text + std::string{zone};
}

} // namespace sluice::simulator
