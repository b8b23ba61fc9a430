CREATE TABLE "conversion_outcomes" (
	"platform" text NOT NULL,
	"from_version" text NOT NULL,
	"to_version" text NOT NULL,
	"kind" text NOT NULL,
	"n" bigint NOT NULL,
	"first_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"sample" text,
	"outcome" text NOT NULL,
	CONSTRAINT "conversion_outcomes_pk" PRIMARY KEY("platform","from_version","to_version","kind","outcome")
);
--> statement-breakpoint
CREATE TABLE "conversion_remarks" (
	"platform" text NOT NULL,
	"from_version" text NOT NULL,
	"to_version" text NOT NULL,
	"kind" text NOT NULL,
	"n" bigint NOT NULL,
	"first_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"sample" text,
	"fate" text NOT NULL,
	"pointer" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "conversion_remarks_pk" PRIMARY KEY("platform","from_version","to_version","kind","fate","pointer","reason")
);
--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "conversion" text;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "conversion" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "conversion_outcomes_last_at" ON "conversion_outcomes" USING btree ("last_at");--> statement-breakpoint
CREATE INDEX "conversion_remarks_last_at" ON "conversion_remarks" USING btree ("last_at");