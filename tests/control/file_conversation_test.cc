// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_conversation.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

constexpr size_t kRoom = 1000;

std::string Take(FileConversation& conversation) {
  const auto text = conversation.Poll(kRoom);
  return text ? std::string(AsText(*text)) : "nothing";
}

TEST(FileConversation, SaysTextsInTheirOrder) {
  FileConversation conversation;
  conversation.Say("first");
  conversation.Say("second");
  conversation.End();
  EXPECT_FALSE(conversation.is_over());
  EXPECT_EQ(Take(conversation), "first");
  EXPECT_EQ(Take(conversation), "second");
  EXPECT_EQ(Take(conversation), "nothing");
  EXPECT_TRUE(conversation.is_over());
}

TEST(FileConversation, WaitsForRoom) {
  FileConversation conversation;
  conversation.Say("12345");
  EXPECT_FALSE(conversation.Poll(4));
  EXPECT_EQ(AsText(*conversation.Poll(5)), "12345");
}

TEST(FileConversation, KeepsOnlyTheLastProgress) {
  FileConversation conversation;
  conversation.Say("accept");
  for (uint64_t offset = 1; offset <= 1000; ++offset) conversation.SayProgress(offset);
  conversation.Say("done");
  EXPECT_EQ(Take(conversation), "accept");
  EXPECT_EQ(Take(conversation), R"({"type":"progress","offset":1000})");
  EXPECT_EQ(Take(conversation), "done");
  EXPECT_EQ(Take(conversation), "nothing");
}

TEST(FileConversation, EndsWithWhatWentWrong) {
  FileConversation conversation;
  conversation.Fail(Status(StatusCode::kNotFound, "no such file"));
  EXPECT_TRUE(conversation.ended());
  EXPECT_FALSE(conversation.is_over());
  EXPECT_EQ(Take(conversation), R"({"type":"error","code":-32002,"message":"no such file"})");
  EXPECT_TRUE(conversation.is_over());
}

TEST(FileConversation, TakesBackWhatNobodyHasTaken) {
  FileConversation conversation;
  conversation.Say("offer");
  conversation.Hush();
  EXPECT_FALSE(conversation.has_text());
  EXPECT_FALSE(conversation.is_over());
  conversation.End();
  EXPECT_TRUE(conversation.is_over());
}

}  // namespace
}  // namespace ocellus::control
