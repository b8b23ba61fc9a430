CREATE TABLE "sandbox_objects" (
	"number" bigserial NOT NULL,
	"platform_id" text NOT NULL,
	"module" text NOT NULL,
	"key" text NOT NULL,
	"object" json NOT NULL,
	CONSTRAINT "sandbox_objects_platform_id_module_key_pk" PRIMARY KEY("platform_id","module","key")
);
--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "sandbox" text;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "tries" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sandbox_objects" ADD CONSTRAINT "sandbox_objects_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sandbox_objects_number" ON "sandbox_objects" USING btree ("platform_id","module","number");