#include "words.h"

#include <assert.h>

/*
 * Nouns that most know by ear, none of them one letter away from another or the
 * beginning of one.
 */
static const char words[][WORDS_LETTERS_MAX + 1] = {
	"acorn", "actor", "album", "alder", "amber", "anchor", "ankle", "apple",
	"apron", "arrow", "aspen", "atlas", "autumn", "awning", "axle", "bacon",
	"badge", "bagel", "baker", "bamboo", "banjo", "barn", "basil", "basket",
	"beaver", "bell", "bench", "berry", "birch", "bishop", "blanket", "bonnet",
	"border", "bottle", "branch", "bread", "brick", "bridge", "bronze", "brush",
	"bucket", "bugle", "button", "cabin", "cactus", "camel", "candle", "canyon",
	"carpet", "castle", "cedar", "cherry", "chimney", "circus", "clover", "cobalt",
	"coffee", "comet", "copper", "coral", "cotton", "cradle", "crayon", "cricket",
	"crown", "curtain", "daisy", "dancer", "dawn", "denim", "dentist", "desert",
	"diamond", "dingo", "dolphin", "dragon", "drum", "dune", "eagle", "easel",
	"echo", "elbow", "elm", "engine", "fabric", "falcon", "farmer", "feather",
	"fern", "fiddle", "finger", "flame", "flute", "forest", "fossil", "fox",
	"frog", "galaxy", "garden", "garlic", "gecko", "giraffe", "glacier", "globe",
	"goblet", "grape", "gravel", "guitar", "hammer", "harbor", "hazel", "helmet",
	"heron", "hickory", "hinge", "hockey", "honey", "hornet", "igloo", "indigo",
	"insect", "island", "ivory", "jacket", "jaguar", "jasmine", "jelly", "jigsaw",
	"jungle", "kayak", "kernel", "kettle", "kiwi", "koala", "ladder", "lagoon",
	"lantern", "lemon", "lentil", "lilac", "lizard", "lobby", "lobster", "lunar",
	"magnet", "mango", "maple", "marble", "meadow", "melon", "mitten", "monkey",
	"mosaic", "mustard", "nectar", "needle", "nickel", "noodle", "nutmeg", "oasis",
	"oboe", "ocean", "olive", "onion", "orbit", "orchid", "otter", "owl",
	"oyster", "panda", "paper", "parrot", "peacock", "pebble", "pencil", "pepper",
	"piano", "picnic", "pigeon", "pillow", "planet", "plum", "pony", "prism",
	"puffin", "pumpkin", "puzzle", "quail", "quartz", "quilt", "rabbit", "radar",
	"raven", "rhubarb", "ribbon", "river", "robin", "rocket", "rooster", "rubber",
	"saddle", "sailor", "salmon", "sandal", "satin", "saturn", "scooter", "shadow",
	"shovel", "silver", "sketch", "snow", "spider", "spinach", "sponge", "squid",
	"stamp", "sugar", "sunset", "swan", "tablet", "teapot", "temple", "tennis",
	"thimble", "thunder", "tiger", "timber", "toast", "tomato", "torch", "tractor",
	"trolley", "trumpet", "tulip", "tunnel", "turtle", "uncle", "vacuum", "valley",
	"vanilla", "velvet", "violin", "volcano", "waffle", "walnut", "walrus", "wheat",
	"window", "winter", "yellow", "yogurt", "zebra", "zenith", "zigzag", "zipper",
};
static_assert(sizeof words / sizeof words[0] == 256, "a word for every byte");

const char *
words_word(uint8_t byte)
{
	return words[byte];
}
