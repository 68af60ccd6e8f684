#include "firth/embed/quantization_texts.h"

#include <array>

namespace firth {
namespace {

constexpr auto kTexts = std::to_array<std::string_view>({
    "how do I reset my password",
    "Where can I see which invoices are still open?",
    "best hiking trails near a lake with parking",
    "Now that",
    "Thanks!",
    "symptoms of iron deficiency in adults",
    "The committee postponed its decision until the auditors had finished their report, which was "
    "expected early in spring.",
    "convert celsius to fahrenheit",
    "A violin's varnish is said to change its tone, but blind trials rarely bear this out.",
    "Please find attached the minutes of Tuesday's meeting; corrections are welcome until Friday "
    "noon.",
    "cheap flights to Lisbon in October",
    "Rain fell all night, and by morning the lower road had become a shallow brown river.",
    "Enzymes lower the activation energy of a reaction without being consumed by it.",
    "is it safe to eat sprouted potatoes",
    "The battery lasts two days if you keep the screen dim, but the camera is disappointing in low "
    "light and the speakers rattle at full volume.",
    "Five stars. My daughter has not put it down since Saturday.",
    "Arrived late, box torn, one glass broken. The shop sent a new one without any fuss, so I am "
    "happy after all.",
    "Photosynthesis turns carbon dioxide and water into sugar and oxygen, using light that "
    "chlorophyll absorbs mostly at the red and blue ends of the spectrum.",
    "In 1854 a physician traced an outbreak of cholera to a single water pump by drawing the "
    "deaths on a map of the streets around it.",
    "def mean(values): return sum(values) / len(values)",
    "SELECT name, COUNT(*) FROM orders WHERE shipped IS NULL GROUP BY name ORDER BY 2 DESC;",
    "The court held that the clause was void because the buyer had no real chance to read it "
    "before signing.",
    "Whisk the eggs with the sugar until pale, fold in the flour, and bake for thirty-five minutes "
    "at 180 degrees.",
    "What is the difference between a virus and a bacterium?",
    "Even though",
    "Quarterly revenue rose by 8 per cent to 1.2 billion, while operating costs fell for the third "
    "time in a row.",
    "error: cannot bind non-const lvalue reference to an rvalue",
    "Two trains leave the same station at noon in opposite directions, one at 60 and the other at "
    "75 kilometres an hour.",
    "The goalkeeper saved a penalty in the ninety-third minute and was carried off the field on "
    "the shoulders of his team mates.",
    "Wie lange ist ein Reisepass gültig?",
    "Le train de nuit pour Marseille partira de la voie 7 avec vingt minutes de retard.",
    "La biblioteca cierra a las ocho, salvo los domingos.",
    "Il gatto dorme sul tetto.",
    "明日の会議は午後三時に始まります。",
    "这家餐厅的面条很好吃，但是要等很久。",
    "Как доехать до вокзала на автобусе?",
    "A binary search halves the interval at every step, so a million sorted entries need about "
    "twenty comparisons.",
    "small apartment, two rooms, balcony, no pets",
    "Water boils at a lower temperature in the mountains because the air pressure is lower there.",
    "She closed the book, looked out at the harbour, and wondered whether the letter had ever been "
    "sent.",
    "Interest rates were left unchanged, as most analysts had expected.",
    "OK",
    "Vaccines train the immune system to recognise a pathogen before it is met in earnest.",
    "The museum's new wing shows four hundred years of maps, from hand-coloured vellum to "
    "satellite images, and is free on the first Sunday of each month.",
    "Could you move our call to 4 p.m. on Thursday?",
    "my laptop does not wake up after sleep, the fan spins but the screen stays black",
    "Sonata form sets out two themes, takes them apart, and brings them home in one key.",
    "Shares of the chip maker fell 6% after it warned of weak demand.",
    "The knight moves two squares one way and one square at a right angle to it.",
    "Plate tectonics explains why the same fossils are found on coasts that lie an ocean apart.",
    "Dear neighbours, the water will be turned off on Wednesday between nine and eleven for "
    "repairs in the cellar.",
    "Is there a gluten-free option on the menu?",
    "A red-black tree keeps its height within twice the logarithm of its size by recolouring and "
    "rotating after each insertion.",
    "After the merger the two laboratories kept separate budgets, separate canteens and, for "
    "nearly a decade, separate telephone exchanges.",
    "bread",
    "How many bones are there in a human hand?",
    "The orbit of Mercury turns a little faster than Newton's laws allow; general relativity "
    "accounts for the difference exactly.",
    "Refunds are paid within fourteen days to the card that was used for the purchase.",
    "I tried three different chargers and none of them works with this phone any more.",
    "for (int i = 0; i < n; ++i) total += prices[i] * amounts[i];",
    "Turn left at the church, follow the wall to its end, and you will see the gate.",
    "An inverted index maps every word to the list of documents in which it occurs, often with "
    "positions, so that phrases can be found too.",
    "Minister resigns over leaked letters",
    "The soup was cold, the waiter was rude, and the music was so loud that we could not hear each "
    "other.",
    "Honey never spoils if it is kept dry and closed.",
    "chronic back pain exercises for people who sit all day",
    "The treaty of 1648 ended thirty years of war and left a patchwork of some three hundred "
    "states.",
    "Plants in the cabbage family should not follow each other in the same bed.",
    "The algorithm converges slowly when the matrix is badly conditioned.",
    "If you",
    "They say that the bridge was built in a single summer, but the account books in the town "
    "archive show payments to masons over eleven years.",
    "Set the environment variable before you start the server; it is read once.",
    "What time does the last tram leave?",
    "Migratory birds find their way by the sun, the stars, the earth's magnetic field, and in part "
    "by smell.",
    "Her first novel sold four hundred copies; her second was translated into thirty languages.",
    "Diesel engines have no spark plugs: the air is compressed until it is hot enough to light the "
    "fuel.",
    "The tenant shall give notice in writing three months before the end of the lease.",
    "what to do when a bee stings you",
    "Supply fell short of demand, so prices rose until some buyers went without.",
    "It works.",
    "Coral bleaching happens when warm water drives out the algae that feed the polyps and give "
    "them their colour.",
    "He scored forty points, missed only two shots, and left the arena without a word to the "
    "press.",
    "A lens of short focal length sees a wide angle, and makes near things look larger than far "
    "ones.",
    "Do not mix bleach with vinegar or ammonia.",
    "Our results suggest that sleep after learning strengthens memory, although the effect was "
    "small and did not hold for the oldest group.",
    "Dissolve the tablet in a glass of water and drink it after meals, at most twice a day.",
    "curl: (6) Could not resolve host",
    "Compound interest means that interest earns interest: at seven per cent a sum doubles in "
    "about ten years.",
    "The old cinema on Market Street will reopen next month as a library.",
    "blue cotton shirt with short sleeves, size L, never worn",
    "The general theory is simple; the bookkeeping is not.",
    "When the tide goes out, people walk three miles across the sand to the island and hurry back "
    "before it returns.",
    "How can I tell whether an egg is fresh?",
    "Graphite and diamond are both carbon; only the way the atoms are joined differs.",
    "The parser rejects files larger than two gigabytes, since offsets are stored in 31 bits.",
    "Voters in the north chose the challenger by a wide margin, while the south stayed with the "
    "government.",
    "Every winter the lake freezes over, and the children skate to school.",
    "He said nothing at all.",
    "A pinch of salt brings out the sweetness of a melon.",
    "{\"id\": 17, \"name\": \"Ada\", \"tags\": [\"math\", \"engine\"]}",
    "In the absence of friction a pendulum would swing for ever, with a period that depends on its "
    "length alone.",
    "The printer is offline. Check the cable and try again.",
    "Wool keeps you warm even when it is wet, cotton does not.",
    "Which countries border Switzerland?",
    "The city council voted eleven to four to close the inner ring to cars on Sundays, beginning "
    "with the first weekend in May.",
    "Learning rate warm-up keeps the first steps small while the statistics of the optimizer "
    "settle.",
    "There is no evidence that the painting ever left the family before 1921, when it was lent to "
    "an exhibition in Rotterdam.",
    "see you at eight",
    "Blood is pumped from the right side of the heart through the lungs and from the left side "
    "through the rest of the body.",
    "Tighten the four screws crosswise, a little at a time, or the cover will not lie flat.",
    "GPU memory is not large enough for this batch size",
    "Farmers plant clover between harvests because its roots bring nitrogen back into the soil.",
    "The concert is sold out, but a few returned tickets are offered at the door an hour before it "
    "begins.",
    "Our flight was cancelled and the airline put us up in a hotel near the airport.",
    "An octopus has three hearts, and blue blood.",
    "Why is the sky blue and the sunset red?",
    "Two of the three witnesses could not say what colour the car had been.",
    "The recipe calls for buttermilk; milk with a spoonful of lemon juice will do as well.",
    "Tax returns filed on paper must arrive by the end of July, those filed online by the end of "
    "October.",
    "Beneath the floor the workmen found coins, a comb made of bone, and the wall of a house that "
    "was older than the church.",
    "On",
});

}  // namespace

std::span<const std::string_view> quantization_texts() {
  return kTexts;
}

}  // namespace firth
