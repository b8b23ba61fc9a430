ALTER TABLE "conversion_outcomes" ADD COLUMN "source" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "conversion_remarks" ADD COLUMN "source" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "second_leg" text;--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "forwarded_body" "bytea";--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "receiver_body" "bytea";--> statement-breakpoint
CREATE INDEX "conversion_outcomes_source" ON "conversion_outcomes" USING btree ("source");--> statement-breakpoint
CREATE INDEX "conversion_remarks_source" ON "conversion_remarks" USING btree ("source");--> statement-breakpoint
ALTER TABLE "conversion_outcomes" DROP CONSTRAINT "conversion_outcomes_pk";
--> statement-breakpoint
ALTER TABLE "conversion_outcomes" ADD CONSTRAINT "conversion_outcomes_pk" PRIMARY KEY("platform","source","from_version","to_version","kind","outcome");--> statement-breakpoint
ALTER TABLE "conversion_remarks" DROP CONSTRAINT "conversion_remarks_pk";
--> statement-breakpoint
ALTER TABLE "conversion_remarks" ADD CONSTRAINT "conversion_remarks_pk" PRIMARY KEY("platform","source","from_version","to_version","kind","fate","pointer","reason");